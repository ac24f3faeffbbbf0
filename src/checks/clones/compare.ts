/** Clones against each other and against the image: what has to differ, what has to be equal, and what first boot wrote alike. */
import type { FileNode, FileTree } from '../../capture/file-tree.ts';
import type { EnabledUnit } from '../../inspect/units.ts';
import type { CloneTests } from '../../recipe/schema/tests-schema.ts';
import type { Facts } from '../facts.ts';
import { fails, holds, type Outcome } from '../planned.ts';
import { resultOf, type TestResult } from '../report/report.ts';
import { DIFFERS_BY_NATURE, IDENTITIES, type Identity } from './identities.ts';
import { randomIn } from './secrets.ts';

export interface Clone {
  readonly tree: FileTree;
  readonly facts: Facts;
  readonly packages: readonly string[];
  readonly enabled: readonly EnabledUnit[];
  readonly accounts: readonly string[];
}

export interface CompareInput {
  readonly image: FileTree;
  readonly clones: readonly Clone[];
  readonly tests: CloneTests;
  /** What is the same in all by nature: UUIDs of file systems and partitions, in lower case. */
  readonly known: ReadonlySet<string>;
  /** What the tests themselves have put there. */
  readonly ours: (path: string) => boolean;
}

export const compareAll = async (input: CompareInput): Promise<TestResult[]> => [
  ...(await identities(input)),
  result(
    'tests/clones-boot-id',
    'boot ids differ',
    judgeDistinct(
      'the boot id',
      input.clones.map(({ facts }) => facts.bootId),
    ),
  ),
  ...equalities(input),
  ...(await writtenFiles(input)),
];

const result = (rule: string, name: string, outcome: Outcome): TestResult =>
  resultOf('clones', { rule, name }, outcome);

const identities = async ({ clones }: CompareInput): Promise<TestResult[]> => {
  const results: TestResult[] = [];
  for (const identity of IDENTITIES) {
    const paths = new Set(clones.flatMap(({ tree }) => [...tree.keys()].filter((path) => identity.path.test(path))));
    for (const path of [...paths].sort()) {
      const values = await Promise.all(clones.map(({ tree }) => identityIn(tree.get(path), identity)));
      const there = values.filter((value): value is string => value !== undefined && value !== '');
      if (there.length === 0) continue;
      const outcome = judgeDistinct(path, there);
      const told =
        outcome.verdict === 'fails'
          ? {
              ...outcome,
              where: path,
              hint: `${capital(identity.why)}. Sealing has to remove it, and first boot to make it.`,
            }
          : outcome;
      results.push(result('tests/clones-differ', `${identity.id} differs (${path})`, told));
    }
  }
  return results;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const identityIn = async (node: FileNode | undefined, { lines }: Identity): Promise<string | undefined> => {
  if (node?.type !== 'file' || node.size === 0) return undefined;
  const text = (await contentOf(node)).toString('latin1');
  if (lines === undefined) return text;
  return text
    .split('\n')
    .filter((line) => lines.test(line))
    .join('\n');
};

const judgeDistinct = (what: string, values: readonly string[]): Outcome =>
  new Set(values).size === values.length
    ? holds(`${values.length} different ones`)
    : fails(`${what} is the same in ${values.length} clones`, { wanted: 'different ones', found: 'the same' });

const equalities = ({ clones }: CompareInput): TestResult[] => {
  const compare = (rule: string, name: string, of: (clone: Clone) => readonly string[]): TestResult =>
    result(rule, name, judgeSame(clones.map(of)));
  return [
    compare('tests/clones-packages', 'packages are the same', ({ packages }) => packages),
    compare('tests/clones-units', 'enabled units are the same', ({ enabled }) =>
      enabled.map(({ unit, by }) => `${unit} by ${[...by].sort().join(', ')}`),
    ),
    compare('tests/clones-accounts', 'accounts are the same', ({ accounts }) => accounts),
    compare('tests/clones-cards', 'names of network cards are the same', ({ facts }) => [...facts.cards.keys()].sort()),
  ];
};

const judgeSame = (lists: readonly (readonly string[])[]): Outcome => {
  const [first = [], ...others] = lists;
  const differing = others.flatMap((other) => [...new Set(first).symmetricDifference(new Set(other))]);
  if (differing.length === 0) return holds(`${first.length} in each`);
  const shown = [...new Set(differing)].slice(0, 10).join(', ');
  return fails(`not all clones have ${shown}`, {
    wanted: 'the same in all',
    found: lists.map((list) => list.filter((one) => differing.includes(one)).join(', ') || 'none').join(' / '),
  });
};

/** Files that a package has, and nobody else writes: what their content is, is not looked at. */
const PACKAGED = /^\/(usr\/(?!local\/)|bin\/|sbin\/|lib\w*\/|boot\/|var\/lib\/dpkg\/)/;
const MOST_READ = 2 ** 20;

const writtenFiles = async ({ image, clones, tests, known, ours }: CompareInput): Promise<TestResult[]> => {
  const paths = [...new Set(clones.flatMap(({ tree }) => [...tree.keys()]))].filter((path) => !ours(path)).sort();
  const differing: string[] = [];
  const shared: string[] = [];
  let written = 0;
  for (const path of paths) {
    const nodes = clones.map(({ tree }) => tree.get(path));
    const before = image.get(path);
    const texts = await Promise.all(nodes.map((node) => readable(path, node)));
    const states = nodes.map((node, nth) => stateOf(node, texts[nth]));
    const beforeText = await readable(path, before);
    const isWritten = states.some((state) => state !== stateOf(before, beforeText));
    if (!isWritten) continue;
    written += 1;
    if (new Set(states).size > 1) {
      if (
        !DIFFERS_BY_NATURE.some((one) => one.test(path)) &&
        !IDENTITIES.some((one) => one.path.test(path)) &&
        !isBelow(path, tests.mayDiffer)
      )
        differing.push(path);
      continue;
    }
    const [text] = texts;
    if (text === undefined || text.length === 0 || isBelow(path, tests.mayShare)) continue;
    const drawn = IDENTITIES.some((one) => one.path.test(path))
      ? undefined
      : randomIn(text, wordsOf(beforeText, known));
    if (drawn !== undefined) shared.push(`${path}: ${drawn}`);
  }
  return [
    result('tests/clones-files', 'other files are the same', judgeFiles(differing, written)),
    result('tests/clones-random', 'nothing random is shared', judgeShared(shared, written)),
  ];
};

const judgeFiles = (differing: readonly string[], written: number): Outcome => {
  if (differing.length === 0) return holds(`first boot wrote ${written} files`);
  return fails(`first boot wrote ${differing.length} files in different ways: ${differing.slice(0, 10).join(', ')}`, {
    wanted: 'the same in all',
    found: differing.join(', '),
    where: differing[0],
    hint: 'What may differ is named in `clones: {mayDiffer: […]}`.',
  });
};

const judgeShared = (shared: readonly string[], written: number): Outcome => {
  if (shared.length === 0) return holds(`of ${written} files that first boot wrote`);
  return fails(
    `first boot wrote the same in all clones, though it looks drawn at random: ${shared.slice(0, 5).join(', ')}`,
    {
      wanted: 'drawn by each clone',
      found: shared.join('\n'),
      where: shared[0]?.split(':')[0],
      hint: 'A key that all clones share is no secret. What may be shared is named in `clones: {mayShare: […]}`.',
    },
  );
};

const isBelow = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path === place || path.startsWith(place.endsWith('/') ? place : `${place}/`));

/** Its words as they were before the boot, which nobody has drawn since. */
const wordsOf = (before: Buffer | undefined, known: ReadonlySet<string>): ReadonlySet<string> =>
  before === undefined
    ? known
    : known.union(
        new Set(
          before
            .toString('latin1')
            .match(/[A-Za-z0-9+/_-]{22,}={0,2}/g)
            ?.map((word) => word.toLowerCase()),
        ),
      );

const readable = async (path: string, node: FileNode | undefined): Promise<Buffer | undefined> =>
  node?.type !== 'file' || PACKAGED.test(path) || node.size > MOST_READ ? undefined : contentOf(node);

const stateOf = (node: FileNode | undefined, text: Buffer | undefined): string =>
  node === undefined
    ? 'none'
    : [
        node.type,
        node.mode,
        node.uid,
        node.gid,
        node.type === 'folder' ? '' : node.size,
        node.target,
        text?.toString('latin1'),
      ].join('\0');

const contentOf = async ({ content }: FileNode): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of content()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
};
