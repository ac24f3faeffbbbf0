/** What a maker needs of the host, tried and not guessed: a test skips with the first that is not there. */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { NotMade } from './not-made.ts';

export interface Needs {
  /** Debian packages of the tools. */
  readonly packages: readonly string[];
  /** `loop`: a file as a block device, whose partitions parted(8) can announce. `fat`: the kernel mounts it. */
  readonly host: readonly Need[];
}

type Need = 'root' | 'loop' | 'fat' | 'device-mapper';

/** Throws `NotMade`. */
export const requireHost = async (name: string, { packages, host }: Needs): Promise<void> => {
  const missing = await missingPackages(packages);
  if (missing.length > 0) {
    const install = `apt-get install --no-install-recommends ${missing.join(' ')}`;
    throw new NotMade(name, `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`, install);
  }
  for (const need of host) {
    const why = await TRIALS[need]();
    if (why !== undefined) throw new NotMade(name, why.why, why.hint);
  }
};

const missingPackages = async (packages: readonly string[]): Promise<string[]> => {
  const { stdout } = await run('dpkg', ['--get-selections', ...packages], { allow: [0, 1] });
  const installed = new Set([...stdout.matchAll(/^([^\s:]+)\S*\s+(?:install|hold)$/gm)].map(([, name]) => name));
  return packages.filter((one) => !installed.has(one));
};

type Trial = () => Promise<{ readonly why: string; readonly hint: string } | undefined>;

const AS_ROOT = 'Run the tests as root.';

const TRIALS: Readonly<Record<Need, Trial>> = {
  /** Owners of files, and a chroot with /proc. */
  root: async () => {
    if (process.getuid?.() !== 0) return { why: 'it needs root', hint: AS_ROOT };
    const { exitCode, stderr } = await run('unshare', ['--mount', '--pid', '--fork', 'true'], { allow: [0, 1] });
    return exitCode === 0
      ? undefined
      : { why: `no namespaces: ${stderr}`, hint: 'A container needs CAP_SYS_ADMIN for it.' };
  },
  loop: async () => {
    await using folder = await temporaryFolder('loop-');
    const file = join(folder.path, 'disk');
    {
      await using handle = await open(file, 'w');
      await handle.truncate(8 * 2 ** 20);
    }
    const loop = await run('losetup', ['--partscan', '--find', '--show', file], { allow: [0, 1] });
    if (loop.exitCode !== 0)
      return { why: `no loop device: ${loop.stderr}`, hint: 'Load the module loop, and give a container its devices.' };
    try {
      const words = ['--script', loop.stdout, 'mklabel', 'msdos', 'mkpart', 'primary', '1MiB', '4MiB'];
      const { exitCode, stderr } = await run('parted', words, { allow: [0, 1] });
      const isThere = await open(`${loop.stdout}p1`).then(
        (handle) => handle.close().then(() => true),
        () => false,
      );
      return exitCode === 0 && isThere
        ? undefined
        : { why: `a loop device has no partitions here: ${stderr}`, hint: 'A /dev of the kernel (devtmpfs) has them.' };
    } finally {
      await run('losetup', ['--detach', loop.stdout]);
    }
  },
  fat: async () => {
    await run('modprobe', ['--quiet', 'vfat'], { allow: [0, 1] }).catch(() => undefined);
    const known = (await readFile('/proc/filesystems', 'utf8')).split(/\s+/).includes('vfat');
    return known
      ? undefined
      : { why: "this host's kernel has no FAT", hint: 'A kernel with vfat has it; see /proc/filesystems.' };
  },
  'device-mapper': async () =>
    (await hasDeviceMapper())
      ? undefined
      : { why: "this host's kernel has no device-mapper", hint: 'Load the module dm-mod; see /proc/misc.' },
};

export const hasDeviceMapper = async (): Promise<boolean> => {
  await run('modprobe', ['--quiet', 'dm-mod'], { allow: [0, 1] }).catch(() => undefined);
  return (await readFile('/proc/misc', 'utf8')).includes('device-mapper');
};
