/**
 * Whether a step failed because a file system of the guest is full. tar, dpkg and databases say so each in their own
 * words, or not at all, so the guest's file systems are looked at; what took the room is looked up while it is there.
 */
import { IngotError } from '../../errors.ts';
import { shellQuote } from '../../host/command-line.ts';
import type { StepContext } from './step-context.ts';

interface Usage {
  readonly type: string;
  readonly mount: string;
  /** In `unit`s. */
  readonly size: number;
  readonly free: number;
  readonly unit: 'KiB' | 'inodes';
}

/** Errors that a step's own commands did not raise have nothing to do with the guest's disk. */
const MAY_BE_ROOM = /^guest\.(script-failed|command-failed|playbook-failed|medium-source|command-timeout)$/;
const SAYS_SO = /No space left on device|ENOSPC|not enough free space|Disk full|disk is full/i;

/** Always full by their nature. */
const NEVER = new Set(['iso9660', 'squashfs', 'erofs', 'udf', 'cramfs', 'efivarfs']);

/** Milliseconds on KVM: `du` reads every folder. */
const LIMIT = 30_000;
const FOLDERS = 8;

/** The error with this reason when it is the reason; else as it is. Never throws: the first error has to be reported. */
export const forWantOfRoom = async (error: unknown, { session, factor, signal }: Asked): Promise<unknown> => {
  if (!(error instanceof IngotError) || !MAY_BE_ROOM.test(error.code) || signal?.aborted) return error;
  const ask = async (command: string): Promise<string> =>
    (await session.exec(command, { timeout: LIMIT * factor }).catch(() => undefined))?.stdout ?? '';
  const usages = parseUsages(await ask('df -PTk; echo; df -PTi'));
  const full = usages.find(isFull);
  const isSaid = SAYS_SO.test(`${error.message}\n${error.detail ?? ''}`);
  if (full === undefined && !isSaid) return error;
  const folders =
    full?.unit === 'KiB'
      ? largest(await ask(`du -xk --max-depth=5 ${shellQuote(full.mount)} 2>/dev/null | sort -rn | head -n 60`))
      : [];
  const table = full === undefined ? usages.filter(({ unit, size }) => unit === 'KiB' && size > 0) : [full];
  return new IngotError('disk.full', `${messageFor(full)} (${error.message})`, {
    where: error.where,
    detail: [error.detail, ...table.map(inWords), ...(folders.length > 0 ? ['what takes most:', ...folders] : [])]
      .filter(Boolean)
      .join('\n'),
    hint: hintFor(full),
    cause: error,
  });
};

type Asked = Pick<StepContext, 'session' | 'factor' | 'signal'>;

const messageFor = (full: Usage | undefined): string => {
  if (full === undefined) return 'a file system of the guest was full';
  return `the file system on ${full.mount} is full${full.unit === 'inodes' ? ': it has no inode left' : ''}`;
};

const hintFor = (full: Usage | undefined): string => {
  if (full?.type === 'tmpfs')
    return `${full.mount} is in memory: give the machine more (machine.memory), or have the step write to the disk (/var/tmp).`;
  if (full?.unit === 'inodes') return 'Many small files: a larger machine.disk has more inodes as well.';
  return 'Give the machine a larger machine.disk (an image is only as large as what is written to it), or this file system more of it in answers.disk.';
};

const isFull = ({ type, size, free }: Usage): boolean => size > 0 && !NEVER.has(type) && free < size / 200;

const inWords = ({ mount, type, size, free, unit }: Usage): string =>
  unit === 'inodes'
    ? `${mount} (${type}): ${size - free} of ${size} inodes in use`
    : `${mount} (${type}): ${inMiB(size - free)} of ${inMiB(size)} MiB in use, ${inMiB(free)} MiB free`;

const inMiB = (kibibytes: number): number => Math.round(kibibytes / 1024);

/** `df -PT`: device, type, size, used, free, percent, mount point, which may have blanks. */
export const parseUsages = (text: string): Usage[] => {
  let unit: Usage['unit'] = 'KiB';
  return text.split('\n').flatMap((line) => {
    if (line === '') unit = 'inodes';
    const [, type, size, free, mount] = /^\S+ +(\S+) +(\d+) +\d+ +(\d+) +\S+ +(\/.*)$/.exec(line) ?? [];
    if (type === undefined || mount === undefined) return [];
    return [{ type, mount, size: Number(size), free: Number(free), unit }];
  });
};

/** From `du | sort -rn`: the folders themselves, not those around them that are large only because of them. */
export const largest = (text: string): string[] => {
  const all = text.split('\n').flatMap((line) => {
    const [, size, path] = /^(\d+)\t(\/.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ size: Number(size), path }];
  });
  const inside = (outer: string, path: string) => path.startsWith(outer === '/' ? '/' : `${outer}/`);
  return all
    .filter(({ size, path }) => {
      const within = all.filter((other) => other.path !== path && inside(path, other.path));
      return !within.some((other) => other.size > size * 0.6);
    })
    .slice(0, FOLDERS)
    .map(({ size, path }) => `  ${inMiB(size)} MiB ${path}`);
};
