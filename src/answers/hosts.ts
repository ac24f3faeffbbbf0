/**
 * One set of answers for many machines: those of each host in a folder of its own, the table by which a machine finds
 * its own, and what chooses. Where an installer looks for answers there are none, until its host is known: a machine
 * that is no host, and a chooser that fails, find nothing that would erase a disk.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../host/project.ts';
import { type HostMatch, ID_KINDS } from '../recipe/schema/hosts-schema.ts';
import { uuidForms } from '../recipe/values/uuid-forms.ts';
import type { AnswerFile, AnswerSet } from './answer-set.ts';

export interface HostAnswers {
  readonly name: string;
  readonly match: HostMatch;
  readonly answers: AnswerSet;
}

/** How an installer gets the answers of its machine. */
export interface HostChooser {
  /** What of a set of answers is a machine's own; all when absent. */
  readonly own?: (file: AnswerFile) => boolean;
  /** What calls the chooser, from HOSTS_FOLDER: name there, path in the initrd, mode. */
  readonly callers: readonly (readonly [name: string, path: string, mode: number])[];
}

/** The scripts that choose, and what calls them; installer/README.md tells of them. */
export const HOSTS_FOLDER = join(projectFolder, 'installer', 'hosts');

/**
 * `base` is what all have in common: kernel arguments, and what belongs to no single machine. `unknown` is what a machine that is
 * none of the hosts is installed with; absent: nothing.
 */
export const answersForHosts = async (
  base: AnswerSet,
  hosts: readonly HostAnswers[],
  { own = () => true, callers }: HostChooser,
  unknown: AnswerSet | undefined,
): Promise<AnswerSet> => {
  const initrd = [
    ...hosts.flatMap(({ name, answers }) => below(`ingot/hosts/${name}`, answers.initrd.filter(own))),
    ...(unknown === undefined ? [] : below('ingot/unknown-host', unknown.initrd.filter(own))),
    ...base.initrd.filter((file) => !own(file)),
    { path: 'ingot/hosts.table', mode: 0o600, content: hostTable(hosts) },
    await script('choose-host', 'ingot/choose-host', 0o755),
    await script('take-host', 'ingot/take-host', 0o755),
    ...(await Promise.all(callers.map((caller) => script(...caller)))),
  ];
  const medium = [
    ...hosts.flatMap(({ name, answers }) => below(`ingot/hosts/${name}`, answers.medium)),
    ...(unknown?.medium ?? []),
  ];
  return { ...base, initrd: initrd.sort((one, other) => (one.path < other.path ? -1 : 1)), medium };
};

const below = (folder: string, files: readonly AnswerFile[]): AnswerFile[] =>
  files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));

const script = async (name: string, path: string, mode: number): Promise<AnswerFile> => ({
  path,
  mode,
  content: await readFile(join(HOSTS_FOLDER, name), 'utf8'),
});

/** Lines `host NAME`, each followed by its ids; the format is that of `choose-host`. */
export const hostTable = (hosts: readonly Pick<HostAnswers, 'name' | 'match'>[]): string =>
  hosts
    .map(({ name, match }) => {
      const ids = ID_KINDS.flatMap((kind) =>
        (match[kind] ?? []).flatMap((value) =>
          (kind === 'uuid' ? uuidForms(value) : [value]).map((form) => `${kind} ${form}\n`),
        ),
      );
      return `host ${name}\n${ids.join('')}`;
    })
    .join('');
