/**
 * Gives each file of an image its class: first what packages say, then the rules, then what the build itself changed. What is left
 * is unexplained. No file gets a class for its name alone where more can be compared.
 */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import type { Aspect, Classed, Classification, Expected } from './classes.ts';
import { differences, saidOf } from './compare.ts';
import type { Digests } from './digests.ts';
import type { Layers } from './layers.ts';
import { stateOf, type TrustRecord } from './record.ts';
import { type Rule, type RuleFacts, ruleFor } from './rule.ts';

export interface Basis<Facts extends RuleFacts> {
  readonly tree: FileTree;
  /** Of all files of the tree. */
  readonly digests: Digests;
  /** By the path where it lies on the disk. A folder may have several packages. */
  readonly expected: ReadonlyMap<string, readonly Expected[]>;
  /** Packages that could not be had, by the paths that the image's own database says they have. */
  readonly unjudged: ReadonlyMap<string, string>;
  /** All packages could be had: otherwise what a rule holds a file against may be in one of the others. */
  readonly isComplete: boolean;
  readonly rules: readonly Rule<Facts>[];
  /** Made when it is known which files are as their packages have them. */
  readonly facts: (verified: ReadonlyMap<string, Classed>) => Promise<Facts>;
  /** Why a file of a package may be missing, in words. */
  readonly absence: (path: string) => string | undefined;
  readonly layers?: Layers | undefined;
  readonly record?: TrustRecord | undefined;
}

export const classify = async <Facts extends RuleFacts>(basis: Basis<Facts>): Promise<Classification> => {
  const { tree, expected, layers } = basis;
  const files = new Map<string, Classed>();
  const open = new Map<FileNode, Classed>();
  for (const file of tree.values()) {
    const known = expected.get(file.path);
    const found = known === undefined ? undefined : againstPackages(file, known, basis);
    if (found?.class === 'verified') files.set(file.path, found);
    else open.set(file, found ?? { class: 'unexplained' });
  }
  const facts = await basis.facts(files);
  const left: FileNode[] = [];
  for (const [file, found] of open) {
    const ruled = await byRule(file, found, basis, facts);
    files.set(file.path, ruled);
    if (ruled.class === 'unexplained') left.push(file);
  }
  const missing = new Map<string, Classed>();
  for (const [path, [first]] of expected) {
    if (first === undefined || tree.has(path)) continue;
    const reason = basis.absence(path);
    const what = { package: first.package };
    missing.set(
      path,
      reason === undefined ? { class: 'unexplained', ...what } : { class: 'generated', rule: reason, ...what },
    );
  }
  if (layers !== undefined) {
    const gone = [...missing].filter(([, { class: found }]) => found === 'unexplained').map(([path]) => path);
    for (const [path, by] of await layers.changed(left, gone, basis.digests)) {
      const before = files.get(path);
      if (before !== undefined) files.set(path, byStep(before, by));
      const absent = missing.get(path);
      if (absent !== undefined) missing.set(path, { ...absent, class: 'step', by });
    }
  }
  if (basis.record !== undefined) byRecord(basis.record, basis, files, missing);
  return { files, missing };
};

/**
 * What the build wrote down says what steps did. A file of which it wrote the state down has to have that, whatever a rule says of it
 * (a rule can be met by forged files together); one that a rule can only place has to be written down.
 */
const byRecord = <Facts extends RuleFacts>(
  record: TrustRecord,
  { tree, digests, rules }: Basis<Facts>,
  files: Map<string, Classed>,
  missing: Map<string, Classed>,
): void => {
  const unread = new Set(rules.filter(({ checks }) => checks === undefined).map(({ name }) => name));
  for (const [path, found] of files) {
    const node = tree.get(path);
    const told = Object.hasOwn(record.files, path) ? record.files[path] : undefined;
    if (node === undefined) continue;
    const isSame = told?.state === stateOf(node, digests);
    if (found.class === 'unexplained') {
      if (isSame && told !== undefined)
        files.set(path, { ...byStep(found, told.by ?? told.rule ?? 'the build'), class: told.class });
    } else if (found.rule !== undefined && !isSame && (told !== undefined || isUnread(node, found.rule, unread)))
      files.set(path, { class: 'unexplained', rule: found.rule, why: 'it is not the file that the build saw there' });
  }
  for (const [path, told] of Object.entries(record.files)) {
    if (tree.has(path)) continue;
    const found = missing.get(path);
    if (told.state !== undefined) missing.set(path, { ...found, class: 'unexplained', why: 'the build saw it there' });
    else if (found?.class === 'unexplained')
      missing.set(path, { ...found, class: told.class, by: told.by ?? 'the build' });
  }
};

const isUnread = ({ type }: FileNode, rule: string, unread: ReadonlySet<string>): boolean =>
  type === 'file' && unread.has(rule);

const byStep = ({ why: _, ...before }: Classed, by: string): Classed => ({
  ...before,
  class: before.isConfiguration ? 'configuration' : 'step',
  by,
});

/** One of them is enough: dpkg leaves a folder as the first package made it. */
const againstPackages = <Facts extends RuleFacts>(
  file: FileNode,
  known: readonly Expected[],
  { digests }: Basis<Facts>,
): Classed | undefined => {
  const [first] = known;
  if (first === undefined) return undefined;
  const sha256 = digests.get(file.identity);
  const compared = known.map((one) => ({ one, differs: differences(file, one, sha256) }));
  const same = compared.find(({ differs }) => differs.length === 0);
  if (same !== undefined) return { class: 'verified', package: same.one.package };
  const [{ differs } = { differs: [] }] = compared;
  const isConfiguration = first.isConfiguration && { isConfiguration: first.isConfiguration };
  return {
    class: 'unexplained',
    package: first.package,
    ...isConfiguration,
    differs,
    why: saidOf(file, first, differs),
  };
};

/** A rule for a file of nobody says nothing of one that a package has: a link is no alternative where a program was. */
const WHAT_IT_IS: readonly Aspect[] = ['type', 'content', 'target', 'device'];

const byRule = async <Facts extends RuleFacts>(
  file: FileNode,
  found: Classed,
  { rules, unjudged, isComplete }: Basis<Facts>,
  facts: Facts,
): Promise<Classed> => {
  const isOther = found.differs?.some((aspect) => WHAT_IT_IS.includes(aspect)) ?? false;
  const ruled = await ruleFor(file, isOther ? rules.filter((one) => one.isOverPackages) : rules, facts);
  if (ruled !== undefined && ruled.why === undefined)
    return {
      ...(found.package === undefined ? {} : { package: found.package }),
      ...(found.differs === undefined ? {} : { differs: found.differs }),
      class: ruled.rule.class ?? 'generated',
      rule: ruled.rule.name,
    };
  const owner = unjudged.get(file.path);
  if (owner !== undefined && found.package === undefined) return { class: 'unjudged', package: owner };
  if (ruled === undefined) return found;
  if (!isComplete && found.package === undefined) return { class: 'unjudged', rule: ruled.rule.name };
  const why = [found.why, `${ruled.rule.name}: ${ruled.why}`].filter((part) => part !== undefined).join('; ');
  return { ...found, rule: ruled.rule.name, why };
};
