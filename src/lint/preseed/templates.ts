/** What an installer knows about its questions: debconf templates (debconf-devel(7)), and how complete the knowledge is. */
import { suggest } from '../../suggest.ts';

export interface Template {
  readonly name: string;
  readonly type: string;
  /** Values that a select or multiselect takes, untranslated; absent when they are made at run time. */
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The udeb or package that asks. */
  readonly component: string;
}

export interface TemplateComponent {
  /** `installer`: asked by debian-installer. `package`: asked by a package of the new system. */
  readonly kind: 'installer' | 'package';
  /** Whether all of its questions are known. */
  readonly complete: boolean;
  /** What it was read from: `netcfg 1.187+deb12u1 (initrd, bookworm)`. */
  readonly source: string;
}

export interface TemplateSet {
  /** `12`, or what a medium says about itself. */
  readonly release: string;
  /** When the templates were read, `YYYY-MM-DD`. */
  readonly date: string;
  readonly components: ReadonlyMap<string, TemplateComponent>;
  readonly questions: ReadonlyMap<string, Template>;
}

/** `partman-auto/method` → `partman-auto`. */
export const prefixOf = (question: string): string => question.slice(0, question.indexOf('/') + 1) || question;

const UNDER_NUMBER = /^(apt-setup\/local)\d+(\/.+)$/;

/** Questions that are made at run time, one for each of something. */
const DYNAMIC: readonly (readonly [RegExp, string])[] = [
  [/^apt-setup\/local\d+\/(repository|comment|key)$/, 'string'],
  [/^apt-setup\/local\d+\/source$/, 'boolean'],
];

/** The template of a question. A number in a name (`apt-setup/local0/key`) stands for any. */
export const templateOf = (set: TemplateSet, question: string): Template | undefined => {
  const known = set.questions.get(question) ?? set.questions.get(question.replace(UNDER_NUMBER, '$10$2'));
  if (known) return known;
  const [, type] = DYNAMIC.find(([pattern]) => pattern.test(question)) ?? [];
  return type === undefined ? undefined : { name: question, type, component: 'apt-setup-udeb' };
};

export type Knowledge = 'known' | 'unknown' | 'not-covered';

/** Whether a set can tell that a question does not exist: only when all components that share its prefix are covered. */
export const knowledgeOf = (set: TemplateSet, question: string): Knowledge => {
  if (templateOf(set, question)) return 'known';
  const prefix = prefixOf(question);
  const components = componentsOf(set).get(prefix);
  if (!components) return 'not-covered';
  const owners = [...components].filter((name) => !SUPPLEMENTS.has(name));
  // Titles of progress bars are not in the sets.
  if (question.startsWith('progress/', prefix.length)) return 'not-covered';
  const covered = owners.length > 0 && owners.every((name) => set.components.get(name)?.complete === true);
  return covered && !SHARED.has(prefix) ? 'unknown' : 'not-covered';
};

/** Lists of the shipped sets that add to what components declare themselves. */
const SUPPLEMENTS: ReadonlySet<string> = new Set(['installation-guide', 'installer-scripts']);

/** Prefixes that any component may use, so that nobody can list all of their questions. */
const SHARED: ReadonlySet<string> = new Set(['debian-installer/', 'partman/', 'debconf/', 'di-utils/']);

const byPrefix = new WeakMap<TemplateSet, ReadonlyMap<string, ReadonlySet<string>>>();

/** The components that ask questions of a prefix. */
const componentsOf = (set: TemplateSet): ReadonlyMap<string, ReadonlySet<string>> => {
  const known = byPrefix.get(set);
  if (known) return known;
  const prefixes = new Map<string, Set<string>>();
  for (const { name, component } of set.questions.values()) {
    const prefix = prefixOf(name);
    prefixes.set(prefix, (prefixes.get(prefix) ?? new Set()).add(component));
  }
  byPrefix.set(set, prefixes);
  return prefixes;
};

/** The question that was probably meant: near as a whole, or near after a prefix that is right. */
export const suggestQuestion = (set: TemplateSet, question: string): string | undefined => {
  if (question.length > 200) return undefined;
  const prefix = prefixOf(question);
  const answerable = [...set.questions.values()].filter(({ type }) => !['text', 'title', 'error'].includes(type));
  const siblings = answerable.flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  const sibling = suggest(question.slice(prefix.length), siblings);
  if (sibling !== undefined) return prefix + sibling;
  const limit = question.length < 12 ? 1 : 3;
  const near = answerable.filter(({ name }) => Math.abs(name.length - question.length) <= limit);
  const best = suggest(
    question,
    near.map(({ name }) => name),
  );
  return best !== undefined && within(question, best) ? best : undefined;
};

/** Long names with a common part are near to each other by their length alone: the prefixes have to be near as well. */
const within = (question: string, candidate: string): boolean =>
  suggest(prefixOf(question), [prefixOf(candidate)]) !== undefined ||
  question.replaceAll(/[-_/]/g, '') === candidate.replaceAll(/[-_/]/g, '');
