/** Command lines of xorriso, as pure functions. See xorriso(1). */

/** Without it xorriso waits for the disk every 16 MB; whoever gives the file its name flushes it before. */
const UNHURRIED = ['-stdio_sync', 'off'];

/** A file as xorriso's drive address; without `stdio:` some names would be taken for devices. */
const drive = (path: string): string => `stdio:${path}`;

/** Reports the boot structures and every node; `xorriso-report.ts` reads what it prints. */
export const reportArgs = (iso: string): string[] => [
  '-no_rc',
  ...['-indev', drive(iso)],
  ...['-report_el_torito', 'plain'],
  ...['-report_system_area', 'plain'],
  ...['-find', '/', '-type', 'f', '-exec', 'report_lba', '--'],
  ...['-find', '/', '-not', '-type', 'f', '-exec', 'lsdl', '--'],
];

/** A partition after the file system, as xorriso is told of it. */
export interface AppendedPartition {
  readonly number: number;
  /** Of MBR (`0xef`) or GPT (hex digits). */
  readonly type: string;
  /** It stands in the GPT, and not in the MBR. */
  readonly isGpt: boolean;
  /** The MBR of an isohybrid that only protects a GPT: xorriso (1.5.4) takes it for one with partitions of its own. */
  readonly isProtected: boolean;
  /** It is a boot image of the boot catalog too. */
  readonly isBootImage: boolean;
}

export interface RewriteArgs {
  readonly iso: string;
  readonly output: string;
  /** `output` is a copy already: what is new comes after what is there. */
  readonly grow: boolean;
  /** Whether there is a second tree of names, for Windows. */
  readonly joliet: boolean;
  /** Whether there is a second file system over the same files, for Macs: commands for it. */
  readonly hfs: readonly string[] | undefined;
  /** A partition that comes after everything, as a rule UEFI's boot image. */
  readonly appended?: (AppendedPartition & { readonly from: string }) | undefined;
  /** Seconds since 1970. */
  readonly epoch: number;
  readonly volumeId?: string | undefined;
  /** The original's, by which what is on it may find it. */
  readonly stamp: string | undefined;
  /** Files that come onto the medium, from the host, and the folders that have to be made for them. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
  readonly folders: readonly string[];
  /** Paths that go, folders with all that is in them, before anything comes. */
  readonly remove: readonly string[];
}

/**
 * Copies the medium, or lets its copy grow, with some files removed, added or replaced. `replay` sets up El Torito, MBR and GPT as they are on the
 * original; all other files keep their attributes.
 */
export const rewriteArgs = ({
  iso,
  output,
  grow,
  joliet,
  hfs,
  appended,
  epoch,
  volumeId,
  stamp,
  files,
  folders,
  remove,
}: RewriteArgs): string[] => {
  const paths = files.map(({ to }) => to);
  return [
    '-no_rc',
    ...UNHURRIED,
    ...['-iso_nowtime', `=${epoch}`],
    ...(grow ? ['-dev', drive(output)] : ['-indev', drive(iso), '-outdev', drive(output)]),
    ...['-boot_image', 'any', 'replay'],
    ...(appended === undefined ? [] : appendArgs(appended)),
    // Names of up to 103 characters instead of 64, as on media of the RHEL family.
    ...(joliet ? ['-joliet', 'on', '-compliance', 'joliet_long_names'] : []),
    // The room for further sessions would shift one against the other.
    ...(hfs === undefined ? [] : ['-compliance', 'no_emul_toc', ...hfs]),
    ...(volumeId === undefined ? [] : ['-volid', volumeId]),
    ...[
      '-volume_date',
      'c',
      `=${epoch}`,
      '-volume_date',
      'm',
      `=${epoch}`,
      '-volume_date',
      'uuid',
      stamp ?? stampOf(epoch),
    ],
    ...['-disk_pattern', 'off', '-iso_rr_pattern', 'off'],
    ...(remove.length === 0 ? [] : ['-rm_r', ...remove, '--']),
    ...files.flatMap(({ from, to }) => ['-map', from, to]),
    ...['-chown', '0', ...paths, ...folders, '--', '-chgrp', '0', ...paths, ...folders, '--'],
    ...['-chmod', '0444', ...paths, '--'],
    ...(folders.length === 0 ? [] : ['-chmod', '0555', ...folders, '--']),
    ...['-alter_date', 'b', `=${epoch}`, ...paths, ...folders, '--'],
    ...['-alter_date', 'c', `=${epoch}`, ...paths, ...folders, '--'],
    // What was written is read afterwards, by its final name and with all its bytes.
    ...['-commit_eject', 'none'],
  ];
};

/**
 * `replay` (1.5.4) does not always make such a partition as it was: it complains of a boot image that is not a
 * file, and takes the MBR of an isohybrid with a GPT for one without. The result is checked afterwards.
 */
const appendArgs = (appended: NonNullable<RewriteArgs['appended']>): string[] => {
  const { number, type, from, isGpt, isProtected, isBootImage } = appended;
  const image = `efi_path=--interval:appended_partition_${number}:all::`;
  return [
    ...['-return_with', 'FAILURE', '32'],
    ...['-append_partition', String(number), type, from],
    ...(isGpt ? ['-boot_image', 'any', 'appended_part_as=gpt'] : []),
    ...(isProtected ? ['-boot_image', 'any', 'part_like_isohybrid=off'] : []),
    ...(isBootImage ? ['-boot_image', 'any', image] : []),
  ];
};

export interface MasterArgs {
  readonly output: string;
  readonly volumeId: string;
  readonly epoch: number;
  /** First 432 bytes for the MBR, which make the ISO boot from a disk by BIOS. */
  readonly mbr: string;
  /** Paths on the medium. */
  readonly isolinux: string;
  readonly catalog: string;
  readonly efiImage: string;
  /** Host folders that together are the medium's root; the later one wins. */
  readonly trees: readonly string[];
}

/** A new hybrid ISO: El Torito for BIOS and UEFI, an MBR and a GPT for the same from USB. */
export const masterArgs = (args: MasterArgs): string[] => [
  ...['-no_rc', ...UNHURRIED, '-as', 'mkisofs'],
  ...['-r', '-iso-level', '3', '-V', args.volumeId, '-o', args.output],
  ...[`--modification-date=${stampOf(args.epoch)}`, '--set_all_file_dates', `=${args.epoch}`],
  ...['--gpt_disk_guid', 'modification-date'],
  ...['-isohybrid-mbr', args.mbr, '-partition_offset', '16'],
  ...['-c', args.catalog, '-b', args.isolinux, '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'],
  ...['-eltorito-alt-boot', '-e', args.efiImage, '-no-emul-boot', '-isohybrid-gpt-basdat'],
  ...args.trees,
];

export interface AnswersVolumeArgs {
  readonly output: string;
  readonly label: string;
  readonly epoch: number;
  readonly folder: string;
}

/** An ISO without boot loader; Rock Ridge and Joliet, so that every reader finds the names as they are. */
export const answersVolumeArgs = ({ output, label, epoch, folder }: AnswersVolumeArgs): string[] => [
  ...['-no_rc', ...UNHURRIED, '-as', 'mkisofs'],
  ...['-r', '-J', '-V', label, '-o', output],
  ...[`--modification-date=${stampOf(epoch)}`, '--set_all_file_dates', `=${epoch}`],
  folder,
];

/** YYYYMMDDhhmmsscc in UTC, as ECMA-119 8.4.26 has it. */
export const stampOf = (epoch: number): string =>
  `${new Date(epoch * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14)}00`;
