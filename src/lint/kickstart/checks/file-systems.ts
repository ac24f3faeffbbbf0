/** File systems: those that the installer can make, and Btrfs, which RHEL has not. */
import { hasOption, optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { isRhel, releaseTitle } from '../release.ts';
import type { CheckContext, ParsedCommand } from './check-context.ts';

/** Names that blivet knows, as kickstart files use them. */
const FILE_SYSTEMS: ReadonlySet<string> = new Set(
  'ext2 ext3 ext4 xfs vfat fat efi macefi swap btrfs biosboot prepboot lvmpv mdmember physical tmpfs ntfs hfs hfs+ hfsplus f2fs gfs2 jfs reiserfs xboot bootloader nodev luks dasd none appleboot iso9660 stratis zfs exfat nfs apfs'.split(
    ' ',
  ),
);

export const checkFileSystem = (
  { name, line, command, args }: ParsedCommand,
  { release, tell }: CheckContext,
): void => {
  const type = optionOf(args, '--fstype') ?? optionOf(args, '--type');
  const value = type?.value?.toLowerCase();
  const onRhel = isRhel(release);
  const gone = `${releaseTitle(release)} has no Btrfs`;
  if (value === 'tmpfs' && type && hasOption(args, '--grow', '--maxsize'))
    tell('exclusive-options', line, type.valueAt, '--fstype=tmpfs does not go with --grow and --maxsize');
  if (name === 'btrfs') {
    if (onRhel) tell('file-system', line, command.name, `${gone}: the command is ignored`);
    return;
  }
  if (onRhel && type && value === 'btrfs') tell('file-system', line, type.valueAt, gone);
  else if (onRhel && args.positional[0]?.text.startsWith('btrfs.')) tell('file-system', line, args.positional[0], gone);
  else if (name === 'autopart' && optionOf(args, '--fstype')?.value === 'btrfs' && type)
    tell('file-system', line, type.valueAt, 'autopart has --type=btrfs instead of --fstype=btrfs');
  else if (
    name === 'autopart' &&
    optionOf(args, '--type')?.value?.toLowerCase() === 'btrfs' &&
    type?.name === '--fstype'
  )
    tell('exclusive-options', line, type.word, '--type=btrfs makes Btrfs and takes no --fstype');
  else if (type && value !== undefined && mustBeNative(args.positional[0]?.text, value))
    tell('file-system', line, type.valueAt, `${args.positional[0]?.text} has to be on a Linux file system`);
  else if (type?.value && type.name === '--fstype' && (name === 'autopart' || isFormatted(args.positional[0]?.text))) {
    if (!FILE_SYSTEMS.has(type.value.toLowerCase()))
      tell('file-system', line, type.valueAt, `${shown(type.value)} is not a file system that the installer can make`);
  }
};

/** `must_be_on_linuxfs` of anaconda.conf. */
const ON_LINUX: ReadonlySet<string> = new Set(['/', '/var', '/tmp', '/usr', '/home', '/usr/share', '/usr/lib']);
const FOREIGN: ReadonlySet<string> = new Set('vfat fat efi macefi ntfs hfs hfs+ hfsplus exfat iso9660'.split(' '));

/** Swap has no place to be mounted at, so there is no / then. */
const mustBeNative = (place = '', fileSystem: string): boolean =>
  (ON_LINUX.has(place) && FOREIGN.has(fileSystem)) || (place === '/' && fileSystem === 'swap');

/** Elsewhere the place decides what is made, whatever --fstype says. */
const isFormatted = (place = ''): boolean => place.startsWith('/') && place !== '/boot/efi';
