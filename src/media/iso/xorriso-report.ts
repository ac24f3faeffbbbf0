/** Reads what xorriso reports of a medium: boot structures, and where every file lies. */
import { IngotError } from '../../errors.ts';
import { BLOCK_SIZE } from './iso9660.ts';

export interface BootImage {
  /** `BIOS`, `UEFI`, … */
  readonly platform: string;
  readonly bootable: boolean;
  readonly emulation: string;
  readonly lba: number;
  /** How many blocks of 512 bytes firmware is told to load. */
  readonly sectors: number;
  /** Path on the medium; absent when the image lies outside the file system. */
  readonly path: string | undefined;
  /** `boot-info-table`, `isohybrid-suitable`, `grub2-boot-info`, … */
  readonly options: readonly string[];
}

export interface ReportedPartition {
  readonly number: number;
  /** MBR: `0x17`; GPT: the type GUID as hex digits in the order of its bytes; APM: `Apple_HFS`. */
  readonly type: string;
  /** GPT and APM have one. */
  readonly name: string | undefined;
  readonly active: boolean;
  /** In blocks of 512 bytes. */
  readonly start: number;
  readonly blocks: number;
  readonly path: string | undefined;
}

export interface BootReport {
  readonly elTorito: readonly BootImage[];
  /** `MBR`, `isohybrid`, `grub2-mbr`, `protective-msdos-label`, `GPT`, `APM`, … */
  readonly systemArea: readonly string[];
  readonly partitionOffset: number;
  readonly mbr: readonly ReportedPartition[];
  readonly gpt: readonly ReportedPartition[];
  readonly apm: readonly ReportedPartition[];
}

/** Where a file's bytes lie: `lba` counts blocks of 2048 bytes. A file of 4 GiB or more has several. */
export interface Extent {
  readonly lba: number;
  readonly size: number;
}

export interface MediumReport {
  readonly boot: BootReport;
  readonly files: ReadonlyMap<string, readonly Extent[]>;
  /** Folders, links and the like: path to its type and mode, and a link's target: `lrwxrwxrwx -> 'b'`. */
  readonly others: ReadonlyMap<string, string>;
}

/** The report printed by the commands of `reportArgs`. */
export const parseReport = (text: string): MediumReport => {
  const files = new Map<string, Extent[]>();
  const others = new Map<string, string>();
  const facts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const data = /^File data lba:\s*\d+\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*, ('.*)$/.exec(line);
    const other = /^([bcdeglps?-][rwxsStT-]{9})[+.]?\s+\d+\s+\S+\s+\S+\s+.*?('\/.*)$/.exec(line);
    const fact = /^([A-Za-z][A-Za-z0-9 /]*?)\s*:\s*(.*)$/.exec(line);
    if (data) {
      const path = unquoted(data[4] ?? '');
      const before = files.get(path) ?? [];
      // The size is the whole file's, in the line of each extent.
      const rest = Number(data[3]) - before.reduce((sum, { size }) => sum + size, 0);
      files.set(path, [...before, { lba: Number(data[1]), size: Math.min(rest, Number(data[2]) * BLOCK_SIZE) }]);
    } else if (other) {
      const [name = '', target] = (other[2] ?? '').split(" -> '");
      others.set(unquoted(name), target === undefined ? `${other[1]}` : `${other[1]} -> '${target}`);
    } else if (fact?.[1] !== undefined) {
      facts.set(fact[1], [...(facts.get(fact[1]) ?? []), fact[2] ?? '']);
    }
  }
  return { boot: parseBoot(facts), files, others };
};

type Facts = ReadonlyMap<string, readonly string[]>;

const parseBoot = (facts: Facts): BootReport => ({
  elTorito: rows(facts, 'El Torito boot img').map((row) => {
    const [number = '', platform = '', bootable, emulation = '', , , sectors, lba] = row.split(/\s+/);
    return {
      platform,
      bootable: bootable === 'y',
      emulation,
      lba: Number(lba),
      sectors: Number(sectors),
      path: numbered(facts, 'El Torito img path', number),
      options: numbered(facts, 'El Torito img opts', number)?.split(' ') ?? [],
    };
  }),
  systemArea: (rows(facts, 'System area summary')[0] ?? '').split(' ').filter((word) => word !== ''),
  partitionOffset: Number(rows(facts, 'Partition offset')[0] ?? 0),
  mbr: rows(facts, 'MBR partition').map((row) => {
    const [number = '', status, type = '', start, blocks] = row.split(/\s+/);
    const place = { number: Number(number), start: Number(start), blocks: Number(blocks) };
    const path = numbered(facts, 'MBR partition path', number);
    return { ...place, type, name: undefined, active: status === '0x80', path };
  }),
  gpt: tableOf(facts, { table: 'GPT', type: 'GPT type GUID', name: 'GPT partname local', unit: 1 }),
  apm: tableOf(facts, {
    table: 'APM',
    type: 'APM partition type',
    name: 'APM partition name',
    unit: Number(rows(facts, 'APM block size')[0] ?? 512) / 512,
  }),
});

interface Table {
  readonly table: 'GPT' | 'APM';
  readonly type: string;
  readonly name: string;
  /** Blocks of 512 bytes that one of the table's is. */
  readonly unit: number;
}

const tableOf = (facts: Facts, { table, type, name, unit }: Table): ReportedPartition[] =>
  rows(facts, `${table} start and size`).map((row) => {
    const [number = '', start, blocks] = row.split(/\s+/);
    return {
      number: Number(number),
      type: numbered(facts, type, number) ?? '',
      name: numbered(facts, name, number),
      active: false,
      start: Number(start) * unit,
      blocks: Number(blocks) * unit,
      path: numbered(facts, `${table} partition path`, number),
    };
  });

/** Rows of a table that begin with a number; the heading begins with `N`. */
const rows = (facts: Facts, name: string): string[] =>
  (facts.get(name) ?? []).map((row) => row.trim()).filter((row) => !row.startsWith('N '));

const numbered = (facts: Facts, name: string, number: string): string | undefined =>
  rows(facts, name)
    .find((row) => row.startsWith(`${number} `))
    ?.slice(number.length)
    .trim();

/** xorriso quotes names as a shell would: `'it'"'"'s'`. */
const unquoted = (text: string): string => {
  if (!/^'.*'$/.test(text))
    throw new IngotError('media.report', `xorriso printed a name without quotes: ${text}`, {
      hint: 'Take Debian’s package xorriso; `type -a xorriso` shows whether another one comes first in PATH.',
    });
  return text.slice(1, -1).replaceAll(`'"'"'`, "'");
};
