/** Partitions and volumes one by one: sizes, mount points, file systems, drives. */
import type { Arguments, OptionUse } from '../command-arguments.ts';
import { hasOption, optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';
import { checkDrives, checkIgnoredDrives } from './drives.ts';
import { checkFileSystem } from './file-systems.ts';
import { isInteger } from './values.ts';

export const STORAGE = ['part', 'partition', 'raid', 'logvol', 'btrfs'];

export const checkStorage = (context: CheckContext): void => {
  for (const command of commandsNamed(context, ...STORAGE, 'mount')) {
    checkSizes(command, context);
    checkMountPoint(command, context);
  }
  for (const command of commandsNamed(context, ...STORAGE, 'autopart')) checkFileSystem(command, context);
  for (const command of commandsNamed(context, 'part', 'partition', 'clearpart', 'ignoredisk', 'bootloader'))
    checkDrives(command, context);
  checkIgnoredDrives(context);
  for (const command of commandsNamed(context, 'volgroup')) checkReserve(command, context);
};

const numberOf = (use: OptionUse | undefined): number | undefined =>
  use?.value !== undefined && isInteger(use.value) ? Number(use.value.replaceAll('_', '')) : undefined;

/** The installer has no size to make a partition of, or one that cannot be. */
const checkSizes = ({ name, line, command, args }: ParsedCommand, { tell }: CheckContext): void => {
  const size = numberOf(optionOf(args, '--size'));
  const sizeUse = optionOf(args, '--size');
  if (size !== undefined && size <= 0 && sizeUse)
    tell('size', line, sizeUse.valueAt, `a size of ${size} MiB cannot be`, {
      hint: 'Sizes are whole numbers of MiB.',
      // Zero counts as no size at all, and only a volume needs one.
      severity: size === 0 && name !== 'logvol' ? 'warning' : 'error',
    });
  const percent = optionOf(args, '--percent');
  const share = numberOf(percent);
  if (percent && share !== undefined && (share < 0 || share > 100))
    tell('size', line, percent.valueAt, `${share} is no percentage between 0 and 100`);
  const largest = optionOf(args, '--maxsize');
  const most = numberOf(largest);
  if (largest && most !== undefined && size !== undefined && most > 0 && most < size)
    tell('size', line, largest.valueAt, `--maxsize=${most} is less than --size=${size}`);
  const isPart = name === 'part' || name === 'partition';
  const hasSize = hasOption(args, '--size', '--recommended', '--hibernation', '--onpart', '--usepart', '--grow');
  if (isPart && args.faults.length === 0 && !hasSize)
    tell('size', line, command.name, 'the partition has no size', {
      hint: 'Add --size=MiB, or --onpart=NAME for one that exists.',
      // It becomes 500 MiB large.
      severity: 'warning',
    });
  if (name === 'logvol' && args.faults.length === 0 && args.positional[0]?.text !== 'swap' && needsNumber(args))
    tell('size', line, command.name, 'the volume has no size: --recommended and --hibernation are for swap');
  const kept = isPart ? optionOf(args, '--noformat') : undefined;
  if (kept && !hasOption(args, '--onpart', '--usepart'))
    tell('exclusive-options', line, kept.word, '--noformat also needs --onpart: what should stay as it is?');
  const resize = optionOf(args, '--resize');
  const existing = isPart ? hasOption(args, '--onpart', '--usepart') : hasOption(args, '--useexisting', '--noformat');
  if (resize && !(existing && sizeUse))
    tell('exclusive-options', line, resize.word, `--resize needs ${isPart ? '--onpart' : '--useexisting'} and --size`);
};

/** Sizes that the installer works out are those of swap. */
const needsNumber = (args: Arguments): boolean =>
  hasOption(args, '--recommended', '--hibernation') &&
  !hasOption(args, '--size', '--percent', '--useexisting', '--noformat');

/** Words that stand in place of a mount point. */
const NO_MOUNT = /^(swap|none|biosboot|prepboot|pv\.\S+|raid\.\S+|btrfs\.\S+|appleboot)$/i;

/** `must_be_on_root` of anaconda.conf. */
const ON_ROOT: ReadonlySet<string> = new Set(['/bin', '/dev', '/sbin', '/etc', '/lib', '/root', '/mnt', '/proc']);

const checkMountPoint = ({ name, line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const place = args.positional[name === 'mount' ? 1 : 0];
  if (!place || place.text === '') return;
  const { text } = place;
  if (name === 'mount' ? text.toLowerCase() === 'none' : NO_MOUNT.test(text)) return;
  if (/^(pv|raid|btrfs)\.?$/.test(text)) {
    tell('mount-point', line, place, `${shown(text)} has no number: ${text.replace('.', '')}.01`);
    return;
  }
  // A swap with a suffix and identifiers such as `swap.01` are taken by older files; only what cannot be is told.
  if (/^swap\b/.test(text)) return;
  if (!text.startsWith('/'))
    tell(
      'mount-point',
      line,
      place,
      `${shown(text)} is not a mount point: it begins with a slash, or is swap, pv.N, raid.N …`,
    );
  else if (/\s/.test(text)) tell('mount-point', line, place, `${shown(text)} has a blank in it`);
  else if (ON_ROOT.has(text.replace(/(?<=.)\/+$/, '')))
    tell('mount-point', line, place, `${shown(text)} has to be a directory of the root file system`);
};

const checkReserve = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const percent = optionOf(args, '--reserved-percent');
  const share = numberOf(percent);
  if (percent && share !== undefined && (share <= 0 || share >= 100))
    tell('size', line, percent.valueAt, `${share} is no percentage between 1 and 99`);
  const extent = optionOf(args, '--pesize');
  const kibibytes = numberOf(extent);
  if (extent && kibibytes !== undefined && kibibytes !== 0 && !Number.isInteger(Math.log2(kibibytes)))
    tell(
      'size',
      line,
      extent.valueAt,
      `extents of ${kibibytes} KiB are not possible: use 4096 or another power of two`,
    );
  const space = optionOf(args, '--reserved-space');
  const reserved = numberOf(space);
  if (space && reserved !== undefined && reserved < 0) tell('size', line, space.valueAt, 'a reserve below 0 cannot be');
};
