/**
 * Gives each file of an image its class: first what packages say, then the rules, then what the build itself changed. What is left
 * is unexplained. No file gets a class for its name alone where more can be compared.
 */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import type { Classed, Classification, Expected } from './classes.ts';
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
 * What the build wrote down says what steps did; and a file that a rule can only place has to be the one that the build saw there.
 */
const byRecord = <Facts extends RuleFacts>(
  record: TrustRecord,
  { tree, digests, rules }: Basis<Facts>,
  files: Map<string, Classed>,
  missing: Map<string, Classed>,
): void => {
  const unchecked = new Set(rules.filter(({ checks }) => checks === undefined).map(({ name }) => name));
  for (const [path, found] of files) {
    const node = tree.get(path);
    const told = record.files[path];
    if (node === undefined) continue;
    const isSame = told?.state === stateOf(node, digests);
    if (found.class === 'unexplained' && isSame && told !== undefined)
      files.set(path, { ...byStep(found, told.by ?? told.rule ?? 'the build'), class: told.class });
    else if (
      node.type === 'file' &&
      found.rule !== undefined &&
      unchecked.has(found.rule) &&
      !isSame &&
      found.class !== 'unexplained'
    )
      files.set(path, { class: 'unexplained', rule: found.rule, why: 'it is not the file that the build saw there' });
  }
  for (const [path, found] of missing) {
    const told = record.files[path];
    if (found.class === 'unexplained' && told !== undefined && told.state === undefined)
      missing.set(path, { ...found, class: told.class, by: told.by ?? 'the build' });
  }
};

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

const byRule = async <Facts extends RuleFacts>(
  file: FileNode,
  found: Classed,
  { rules, unjudged, isComplete }: Basis<Facts>,
  facts: Facts,
): Promise<Classed> => {
  const ruled = await ruleFor(file, rules, facts);
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
