/** Facts about an installed system, read from outside, for the rules of a portable image. */
import { hasBootCode } from '../../../capture/boot-code.ts';
import { type FstabEntry, parseFstab } from '../../../capture/fstab.ts';
import { glob } from '../../../capture/glob.ts';
import type { GuestFiles } from '../../../capture/guest-files.ts';
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import type { Partition } from '../../../capture/partitions.ts';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from '../../../formats/packages/apt-sources.ts';
import { parseStanzas } from '../../../formats/packages/deb822.ts';
import { readPackages } from './dpkg-packages.ts';

/** A package source of the system, and the file that it stands in. */
export interface InstalledSource extends AptSource {
  readonly file: string;
}

export interface DiskFacts {
  readonly label: 'gpt' | 'dos';
  readonly partitions: readonly Partition[];
  readonly rootPartition: number;
  readonly fstab: readonly FstabEntry[];
  /** The boot code in the first sector (440 bytes) is not blank. */
  readonly hasBootCode: boolean;
  /** Files of boot loaders that are there. */
  readonly bootFiles: readonly string[];
  /** Kernel command lines of the boot menu, without recovery entries. */
  readonly commandLines: readonly string[];
  readonly grubConfig: string;
  /** `MODULES=` and `RESUME=` as initramfs-tools reads them, the last one wins; of dracut, whether it is for any hardware. */
  readonly initramfs: { readonly modules: string | undefined; readonly resume: string | undefined };
  /** debconf's grub-pc/install_devices, when it has a value. */
  readonly grubDevices: string | undefined;
  /** Lines of network configuration that hold the address of a card. */
  readonly hardwareAddresses: readonly string[];
  readonly aptSources: readonly InstalledSource[];
  readonly packages: readonly InstalledPackage[];
  /** Packages that are only partly installed or removed. */
  readonly brokenPackages: readonly string[];
  readonly locale: string | undefined;
  readonly hasLocaleArchive: boolean;
  /** `UTC` or `LOCAL` (hwclock(8), third line of adjtime). */
  readonly hardwareClock: string;
  readonly enabledUnits: readonly string[];
  readonly growsRoot: boolean;
}

export const inspectDisk = async (files: GuestFiles): Promise<DiskFacts> => {
  const text = async (path: string) => (await files.text(path)) ?? '';
  const grubConfig = await text('/boot/grub/grub.cfg');
  const locale = /^LANG="?([^"\n]*)"?$/m.exec((await text('/etc/default/locale')) || (await text('/etc/locale.conf')));
  const status = await text('/var/lib/dpkg/status');
  const fstab = parseFstab(await text('/etc/fstab'));
  return {
    label: files.table.label,
    partitions: files.table.partitions,
    rootPartition: files.mounts.find(({ path }) => path === '/')?.partition.number ?? 0,
    fstab,
    hasBootCode: await hasBootCode(files.image),
    bootFiles: (await Promise.all(BOOT_FILES.map((pattern) => glob(files, pattern)))).flat(),
    commandLines: commandLinesOf(grubConfig),
    grubConfig,
    initramfs: await initramfsOf(files),
    grubDevices: grubDevicesOf(await text('/var/cache/debconf/config.dat')),
    hardwareAddresses: await hardwareAddresses(files),
    aptSources: await aptSourcesOf(files),
    packages: await readPackages(files),
    brokenPackages: brokenOf(status),
    locale: locale?.[1],
    hasLocaleArchive: (await files.find('/usr/lib/locale/locale-archive')) !== undefined,
    hardwareClock: (await text('/etc/adjtime')).split('\n')[2] || 'UTC',
    enabledUnits: (await glob(files, '/etc/systemd/system/*.wants/*')).map((path) => path.split('/').at(-1) ?? ''),
    growsRoot:
      ((await files.find('/etc/repart.d/50-root.conf')) !== undefined &&
        fstab.some(({ path, options }) => path === '/' && options.includes('x-systemd.growfs'))) ||
      (await files.find('/usr/bin/cloud-init')) !== undefined,
  };
};

const BOOT_FILES = ['/boot/efi/EFI/*/*', '/boot/grub/i386-pc/core.img', '/boot/vmlinuz*', '/boot/initrd.img*'];

const commandLinesOf = (config: string): string[] =>
  config
    .split('\n')
    .flatMap((line) => /^\s*linux(?:16|efi)?\s+\S+\s+(.*)$/.exec(line)?.[1] ?? [])
    .filter((words) => !/\b(single|recovery|init=)/.test(words));

const initramfsOf = async (files: GuestFiles): Promise<DiskFacts['initramfs']> => {
  const textOf = async (...paths: readonly string[]) =>
    (await Promise.all(paths.map((path) => files.text(path)))).join('\n');
  const last = (text: string, name: string) => [...text.matchAll(new RegExp(`^${name}=(\\S*)$`, 'gm'))].at(-1)?.[1];
  const isByDracut = (await files.text('/etc/initramfs-tools/initramfs.conf')) === undefined;
  if (isByDracut && (await files.find('/usr/bin/dracut')) !== undefined) {
    const text = await textOf('/etc/dracut.conf', ...(await glob(files, '/etc/dracut.conf.d/*.conf')));
    return { modules: /yes/.test(last(text, 'hostonly') ?? '') ? 'hostonly' : 'most', resume: undefined };
  }
  const text = await textOf(
    '/etc/initramfs-tools/initramfs.conf',
    ...(await glob(files, '/etc/initramfs-tools/conf.d/*')),
  );
  return { modules: last(text, 'MODULES'), resume: last(text, 'RESUME') };
};

const grubDevicesOf = (database: string): string | undefined =>
  parseStanzas(database)
    .find((one) => one.get('name') === 'grub-pc/install_devices')
    ?.get('value') || undefined;

const NETWORK_FILES = [
  '/etc/network/interfaces',
  '/etc/network/interfaces.d/*',
  '/etc/systemd/network/*',
  '/etc/netplan/*',
  '/etc/NetworkManager/system-connections/*',
  '/etc/udev/rules.d/*',
];
const HARDWARE_ADDRESS = /\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/i;

const hardwareAddresses = async (files: GuestFiles): Promise<string[]> => {
  const paths = (await Promise.all(NETWORK_FILES.map((pattern) => glob(files, pattern)))).flat();
  const found = paths.map(async (path) => {
    const lines = ((await files.text(path)) ?? '').split('\n');
    return lines.filter((line) => HARDWARE_ADDRESS.test(line)).map((line) => `${path}: ${line.trim()}`);
  });
  return (await Promise.all(found)).flat();
};

export const aptSourcesOf = async (files: GuestFiles): Promise<InstalledSource[]> => {
  const oneLine = ['/etc/apt/sources.list', ...(await glob(files, '/etc/apt/sources.list.d/*.list'))];
  const deb822 = await glob(files, '/etc/apt/sources.list.d/*.sources');
  const read = (paths: readonly string[], parse: (text: string) => AptSource[]) =>
    Promise.all(
      paths.map(async (file) => parse((await files.text(file)) ?? '').map((source) => ({ file, ...source }))),
    );
  return [await read(oneLine, parseOneLineSources), await read(deb822, parseDeb822Sources)].flat(2);
};

const brokenOf = (status: string): string[] =>
  parseStanzas(status).flatMap((stanza) => {
    const [name, state = ''] = [stanza.get('package'), stanza.get('status')];
    const fine = /^\S+ ok (installed|config-files|not-installed)$/.test(state);
    return name === undefined || fine ? [] : [`${name}: ${state}`];
  });
