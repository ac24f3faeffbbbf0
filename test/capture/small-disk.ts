/** A small disk as an installation leaves it (GPT, BIOS boot, ESP, swap, ext4), made from a table of files, without root. */
import { chmod, mkdir, open, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';

export const ROOT_UUID = '495189b0-c360-4dc2-9d9d-cb014ebf75e9';
export const ESP_UUID = '1A2B-3C4D';
export const SWAP_UUID = '0d3f6a1c-6f4e-4c43-8a56-2b9a0f2f5d11';

const MIB = 2 ** 20;
const LAYOUT = { biosBoot: 1, esp: 2, swap: 10, root: 14, end: 62 } as const;

export type Files = Readonly<
  Record<string, string | { readonly link: string } | { readonly mode: number; readonly text: string | Uint8Array }>
>;

export const FSTAB = `UUID=${ROOT_UUID} / ext4 errors=remount-ro,x-systemd.growfs 0 1
UUID=${ESP_UUID} /boot/efi vfat umask=0077 0 1
UUID=${SWAP_UUID} none swap sw 0 0
tmpfs /tmp tmpfs defaults 0 0
`;

export interface SmallDisk {
  readonly folder: string;
  readonly files: Files;
  readonly espFiles?: Files;
  readonly dirtySwap?: boolean;
  /** Arguments of mke2fs. */
  readonly root?: readonly string[];
}

/** Returns the path of the raw image. A path that ends in `/` is an empty folder. */
export const makeDisk = async ({
  folder,
  files,
  espFiles = {},
  dirtySwap = false,
  root = EXT4,
}: SmallDisk): Promise<string> => {
  const image = join(folder, 'disk.raw');
  const tree = join(folder, 'tree');
  await writeTree(tree, { '/etc/fstab': FSTAB, '/boot/efi/': '', ...files });
  await writeFile(image, '');
  await truncate(image, (LAYOUT.end + 2) * MIB);
  const part = (start: number, end: number, type: string) => `start=${start}MiB, size=${end - start}MiB, type=${type}`;
  const table = [
    'label: gpt',
    part(LAYOUT.biosBoot, LAYOUT.esp, '21686148-6449-6E6F-744E-656564454649'),
    part(LAYOUT.esp, LAYOUT.swap, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'),
    part(LAYOUT.swap, LAYOUT.root, '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F'),
    part(LAYOUT.root, LAYOUT.end, '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709'),
  ];
  await run('sfdisk', ['-q', image], { input: `${table.join('\n')}\n` });
  await place(image, await makeRoot(folder, tree, root), LAYOUT.root);
  await place(image, await makeEsp(folder, espFiles), LAYOUT.esp);
  await place(image, await makeSwap(folder, dirtySwap), LAYOUT.swap);
  return image;
};

const writeTree = async (tree: string, files: Files): Promise<void> => {
  for (const [path, content] of Object.entries(files)) {
    const target = join(tree, path);
    if (path.endsWith('/')) {
      await mkdir(target, { recursive: true });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    if (typeof content === 'object' && 'link' in content) await symlink(content.link, target);
    else if (typeof content === 'object') {
      await writeFile(target, content.text);
      await chmod(target, content.mode);
    } else await writeFile(target, content);
  }
};

const EXT4 = ['-t', 'ext4'];

const makeRoot = async (folder: string, tree: string, features: readonly string[]): Promise<string> => {
  const path = join(folder, 'root.ext4');
  const size = `${LAYOUT.end - LAYOUT.root}M`;
  await run('mke2fs', ['-q', ...features, '-U', ROOT_UUID, '-d', tree, path, size]);
  return path;
};

const makeEsp = async (folder: string, files: Files): Promise<string> => {
  const path = join(folder, 'esp.fat');
  await writeFile(path, '');
  await truncate(path, (LAYOUT.swap - LAYOUT.esp) * MIB);
  await run('mkfs.fat', ['-F', '12', '-i', ESP_UUID.replace('-', ''), path]);
  await mkdir(join(folder, 'esp'));
  await writeTree(join(folder, 'esp'), files);
  for (const name of new Set(Object.keys(files).map((file) => file.split('/')[1] ?? ''))) {
    await run('mcopy', ['-s', '-i', path, join(folder, 'esp', name), '::/']);
  }
  return path;
};

const makeSwap = async (folder: string, dirty: boolean): Promise<string> => {
  const path = join(folder, 'swap');
  await writeFile(path, '');
  await truncate(path, (LAYOUT.root - LAYOUT.swap) * MIB);
  await run('mkswap', ['-q', '-U', SWAP_UUID, path]);
  if (dirty) await overwrite(path, 2 * MIB, 'swapped out');
  return path;
};

const place = async (image: string, part: string, at: number): Promise<void> => {
  await run('dd', [`if=${part}`, `of=${image}`, 'bs=1M', `seek=${at}`, 'conv=notrunc,sparse', 'status=none']);
};

export const overwrite = async (path: string, offset: number, text: string): Promise<void> => {
  const handle = await open(path, 'r+');
  try {
    await handle.write(text, offset);
  } finally {
    await handle.close();
  }
};

/** A system as sealing leaves it: the ground from which a test changes one thing. */
export const SEALED: Files = {
  '/etc/machine-id': { mode: 0o444, text: '' },
  '/etc/hostname': 'small\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/shadow': { mode: 0o640, text: 'root:*:19000:0:99999:7:::\n' },
  '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n',
  '/etc/ssh/sshd_config.d/': '',
  '/etc/systemd/system/ssh.service.wants/ssh-host-keys.service': { link: '/etc/systemd/system/ssh-host-keys.service' },
  '/etc/systemd/system/ssh-host-keys.service': '[Service]\nExecStart=/usr/bin/ssh-keygen -A\n',
  '/etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service': {
    link: '/lib/systemd/system/systemd-timesyncd.service',
  },
  '/etc/apt/sources.list': '# See sources.list.d\n',
  '/etc/apt/sources.list.d/debian.sources':
    'Types: deb\nURIs: https://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\nTypes: deb\nURIs: https://mirror.example/security\nSuites: bookworm-security\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
  '/etc/default/locale': 'LANG=C.UTF-8\n',
  '/etc/adjtime': '0.0 0 0.0\n0\nUTC\n',
  '/etc/initramfs-tools/initramfs.conf': 'MODULES=most\n',
  '/etc/initramfs-tools/conf.d/resume': 'RESUME=none\n',
  '/etc/repart.d/50-root.conf': '[Partition]\nType=root\n',
  '/boot/grub/grub.cfg': `menuentry 'Debian' {\n\tsearch --fs-uuid --set=root ${ROOT_UUID}\n\tlinux\t/boot/vmlinuz root=UUID=${ROOT_UUID} ro console=tty0 console=ttyS0,115200\n}\n`,
  '/boot/grub/i386-pc/core.img': 'core',
  '/usr/sbin/sshd': 'elf',
  '/var/lib/dbus/machine-id': { link: '/etc/machine-id' },
  '/var/lib/dpkg/status':
    'Package: hello\nStatus: install ok installed\nArchitecture: amd64\nSource: hello-src (2.10)\nVersion: 2.10-3\n\nPackage: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n',
  '/var/lib/apt/lists/': '',
  '/var/cache/debconf/passwords.dat': { mode: 0o600, text: '' },
  '/var/log/dpkg.log': '',
  '/var/log/apt/history.log': '',
  '/var/mail': { link: 'spool/mail' },
  '/var/spool/mail/': '',
  '/tmp/': '',
  '/root/.profile': 'umask 022\n',
};

export const SEALED_ESP: Files = { '/EFI/BOOT/BOOTX64.EFI': 'pe', '/EFI/debian/grub.cfg': 'configfile\n' };

interface Changes {
  readonly without?: readonly string[];
  readonly espFiles?: Files;
  readonly dirtySwap?: boolean;
  readonly root?: readonly string[];
}

/** The sealed system with changes, in a folder that goes with the test. */
export const diskWith = async (
  t: { teardown(done: () => unknown): unknown },
  changes: Files = {},
  { without = [], espFiles = SEALED_ESP, ...rest }: Changes = {},
): Promise<string> => {
  const folder = await temporaryFolder('ingot-disk-');
  t.teardown(() => folder[Symbol.asyncDispose]());
  const kept = Object.entries(SEALED).filter(([path]) => !without.includes(path));
  return makeDisk({ folder: folder.path, files: { ...Object.fromEntries(kept), ...changes }, espFiles, ...rest });
};
