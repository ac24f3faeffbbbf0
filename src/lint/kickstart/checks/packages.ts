/** The names in %packages against the packages, groups and modules of a tree. The syntax has its own check. */
import { optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import type { PackageTree } from '../tree/tree.ts';
import { type CheckContext, commandsNamed } from './check-context.ts';

export const checkPackageNames = (context: CheckContext, tree: PackageTree): void => {
  // The content of a repository outside the tree is not known.
  const isAll = commandsNamed(context, 'repo').every(({ args }) =>
    tree.repositories.has(optionOf(args, '--name')?.value?.toLowerCase() ?? ''),
  );
  for (const { name, words, body } of context.document.sections) {
    if (name.text !== '%packages') continue;
    const lenient = words.some(({ text }) => text === '--ignoremissing');
    for (const line of body) {
      const [text = ''] = line.text.split('#', 1);
      const entry = text.trim();
      if (entry === '' || /^[-%]/.test(entry)) continue;
      const missing = missingIn(tree, entry);
      if (!missing) continue;
      const column = text.indexOf(entry) + 1;
      const near = context.tell.near(missing.name, missing.others());
      context.tell('package-missing', line, { column, endColumn: column + entry.length }, missing.message, {
        hint: near === undefined ? missing.hint : `Did you mean \`${missing.mark}${near}\`?`,
        ...((lenient || !isAll) && { severity: 'warning' as const }),
      });
    }
  }
};

interface Missing {
  readonly name: string;
  readonly message: string;
  /** What stands before the name. */
  readonly mark: string;
  readonly hint?: string;
  readonly others: () => Iterable<string>;
}

const missingIn = (tree: PackageTree, entry: string): Missing | undefined => {
  if (entry.startsWith('@^')) return missingGroup(entry.slice(2), '@^', 'environment', tree.environments, tree.groups);
  if (!entry.startsWith('@')) return missingPackage(tree, entry);
  const name = entry.slice(1).replace(/\s+--\w+$/, '');
  const [, module = '', stream] = /^([\w+.-]+)(?::([^/]+))?(?:\/.*)?$/.exec(name) ?? [];
  const streams = tree.modules.get(module);
  if (stream === undefined && (streams || !name.includes('/')))
    return streams ? undefined : missingGroup(name, '@', 'group', tree.groups, tree.environments);
  if (streams?.has(stream ?? '') || (streams && stream === undefined)) return undefined;
  return streams
    ? {
        name: stream ?? '',
        message: `the tree has the module ${shown(module)} without a stream ${shown(stream ?? '')}`,
        mark: `@${module}:`,
        hint: `It has ${[...streams].join(', ')}.`,
        others: () => streams,
      }
    : {
        name: module,
        message: `the tree has no module ${shown(module)}`,
        mark: '@',
        others: () => tree.modules.keys(),
      };
};

const missingGroup = (
  text: string,
  mark: string,
  kind: string,
  there: ReadonlySet<string>,
  elsewhere: ReadonlySet<string>,
): Missing | undefined => {
  const name = text.trim().toLowerCase();
  if (matches(there, name)) return undefined;
  const other = mark === '@' ? '@^' : '@';
  const hint = elsewhere.has(name)
    ? `It is ${mark === '@' ? 'an environment' : 'a group'}: write ${other}${text.trim()}.`
    : undefined;
  return {
    name,
    message: `the tree has no ${kind} ${shown(text.trim())}`,
    mark,
    ...(hint !== undefined && { hint }),
    others: () => (hint === undefined ? there : []),
  };
};

const ARCHITECTURES = /\.(x86_64|noarch|i686|aarch64|ppc64le|s390x|riscv64|src)$/;

const missingPackage = ({ names, provides }: PackageTree, entry: string): Missing | undefined => {
  // Files, capabilities and dependencies are not in the lists that are kept.
  if (/^[/(]|[()<>=\s]/.test(entry)) return undefined;
  const name = entry.replace(ARCHITECTURES, '');
  if (names.has(entry) || names.has(name) || provides.has(entry) || provides.has(name)) return undefined;
  if (/[*?[]/.test(name))
    return matches(names, name) || matches(provides, name)
      ? undefined
      : { name: '', message: `no package of the tree has a name like ${shown(entry)}`, mark: '', others: () => [] };
  // NAME-VERSION or NAME-VERSION-RELEASE.
  for (let at = name.indexOf('-'); at > 0; at = name.indexOf('-', at + 1))
    if (/^-(\d+:)?\d/.test(name.slice(at)) && names.has(name.slice(0, at))) return undefined;
  return {
    name,
    message: `the tree has no package ${shown(name)}`,
    mark: '',
    // Looking through all names takes long: one that begins otherwise is seldom meant.
    others: () => [...names].filter((other) => other[0] === name[0] && Math.abs(other.length - name.length) <= 3),
  };
};

/** Patterns of dnf: `*`, `?`, `[…]`. */
const matches = (names: ReadonlySet<string>, pattern: string): boolean => {
  if (!/[*?[]/.test(pattern)) return names.has(pattern);
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    const form = new RegExp(`^${source}$`);
    return [...names].some((name) => form.test(name));
  } catch {
    return true;
  }
};
