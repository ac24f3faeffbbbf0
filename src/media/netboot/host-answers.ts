/**
 * The answers of hosts for one netboot: an initrd for each, which a boot loader that knows the host adds to the
 * installer's, and one of all for machines that it cannot identify. The installer's initrd, which all share, has none.
 */
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CpioEntry, cpioArchive, withParents } from '../../formats/archives/cpio.ts';
import { readCpio } from '../../formats/archives/cpio-reader.ts';
import type { Pieces } from '../../formats/byte-source.ts';
import { gzip } from '../../formats/compression/compression.ts';
import { makeFolders } from '../../host/folders.ts';
import { ANSWERS_INITRD } from '../initrd/answers-initrd.ts';
import { pathsIn } from '../initrd/installer-paths.ts';
import { type Medium, mediumFilePieces } from '../iso/medium.ts';
import { appendArchive } from './netboot-initrd.ts';
import { ANSWERS, type HostTable, ownAnswers } from './script-hosts.ts';

interface AnswerFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** What becomes an initrd of its own. */
export interface InitrdAnswers {
  readonly initrd: readonly AnswerFile[];
  /** Whether there are secrets in it. */
  readonly isHeld: boolean;
}

export interface NetbootHosts {
  readonly table: HostTable;
  /** What the medium has: the answers of all, and what chooses among them. */
  readonly all: InitrdAnswers & { readonly medium: readonly AnswerFile[] };
  /** Of each host: its answers, with a table of this host alone, so that the installer stops on any other machine. */
  readonly own: readonly (InitrdAnswers & { readonly name: string })[];
}

/** Folders that have the names of hosts. */
const OF_HOSTS = /^ingot\/(hosts|unknown-host)(\/|$)/;

/** What is read from the medium for the initrd that all share: from the answers' initrd only hooks and drivers. */
export const sharedInitrd = (
  medium: Medium,
  hosts: NetbootHosts | undefined,
  signal: AbortSignal | undefined,
): ((path: string) => Pieces) => {
  const answers = new Set(hosts?.all.initrd.map(({ path }) => path));
  async function* rest(): AsyncGenerator<Uint8Array> {
    const entries: CpioEntry[] = [];
    for await (const entry of readCpio(mediumFilePieces(medium, ANSWERS_INITRD, signal), () => true)) {
      if (answers.has(entry.path) || OF_HOSTS.test(entry.path)) continue;
      entries.push(entry.type === 'file' ? { ...entry, content: entry.content ?? '' } : entry);
    }
    yield* gzip(cpioArchive(entries, { mtime: medium.volume.created }));
  }
  return (path) => (hosts === undefined || path !== ANSWERS_INITRD ? mediumFilePieces(medium, path, signal) : rest());
};

/** `installer` is the path of its initrd on the medium. Files that hold secrets are their owner's alone. */
export const writeHostAnswers = async (
  medium: Medium,
  { table, all, own }: NetbootHosts,
  { folder, installer }: { readonly folder: string; readonly installer: string },
): Promise<void> => {
  const existing = await pathsIn(medium, installer);
  const write = async (name: string, { initrd, isHeld }: InitrdAnswers): Promise<void> => {
    const path = join(folder, name);
    await makeFolders(dirname(path));
    await using file = await open(path, 'wx', isHeld ? 0o600 : 0o644);
    const entries = initrd.map((one) => ({ type: 'file' as const, ...one }));
    await appendArchive(file, cpioArchive(withParents(entries, existing), { mtime: medium.volume.created }));
  };
  if (table.isShared) await write(ANSWERS, all);
  for (const one of own) await write(ownAnswers(one.name), one);
};
