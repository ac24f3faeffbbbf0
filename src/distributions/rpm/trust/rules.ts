/**
 * The closed list for systems of rpm: what no package has, or what its package lets change, and what makes it. Most of it is known by
 * its place and kind alone (`GENERATED`); what can be compared comes first.
 */
import type { FileNode } from '../../../capture/file-tree.ts';
import type { Aspect, Expected } from '../../../trust/classes.ts';
import { differences } from '../../../trust/compare.ts';
import type { Rule, RuleFacts } from '../../../trust/rule.ts';
import { GENERATED } from '../generated.ts';
import type { Expectations } from './expectations.ts';

/** Goes up when the rules say something else of the same image. */
export const RULES_VERSION = 1;

export interface RpmFacts extends RuleFacts, Pick<Expectations, 'ghosts' | 'mayDiffer'> {
  readonly expected: (path: string) => Expected | undefined;
  readonly digest: (file: FileNode) => string | undefined;
  /** A file that is as its package has it, links followed. */
  readonly isVerified: (path: string) => boolean;
  /** Of a signed package, links followed. */
  readonly sha256Of: (path: string) => string | undefined;
}

export type RpmRule = Rule<RpmFacts>;

const [SETUID, SETGID] = [0o4000, 0o2000];
const ANYWHERE = /^\//;

const COMPARED: readonly RpmRule[] = [
  {
    name: 'rpm-may-change',
    reason: 'Its package says in what the file may be otherwise (`%verify(not …)`), and what it says is signed.',
    path: ANYWHERE,
    mode: 'any',
    owner: 'any',
    attributes: ['security.capability'],
    isOverPackages: true,
    isWide: true,
    checks: 'It differs in nothing else.',
    check: (file, { expected, digest, mayDiffer }) => {
      const [one, may] = [expected(file.path), mayDiffer.get(file.path)];
      if (one === undefined || may === undefined) return 'no package lets it change';
      const others = differences(file, one, digest(file)).filter((aspect: Aspect) => !may.has(aspect));
      return others.length === 0 ? undefined : `its package does not let it differ in ${others.join(', ')}`;
    },
  },
  {
    name: 'kernel-copy',
    reason: 'kernel-install copies the kernel from its package to where the boot loader finds it.',
    path: /^\/boot\/(vmlinuz|System\.map|config|symvers)-[^/]+$/,
    mode: 'any',
    checks: 'The same bytes as the file of the package in /usr/lib/modules.',
    check: (file, { sha256Of, digest }) => {
      const [, kind = '', release = ''] = /^\/boot\/(vmlinuz|System\.map|config|symvers)-(.+)$/.exec(file.path) ?? [];
      const source = `/usr/lib/modules/${release.replace(/\.[gx]z$/, '')}/${kind}${/\.[gx]z$/.exec(release)?.[0] ?? ''}`;
      const wanted = sha256Of(source);
      if (wanted === undefined) return `no signed package has ${source}`;
      return wanted === digest(file) ? undefined : `it is not the same as ${source}`;
    },
  },
  ...GENERATED.filter(({ linksOnly }) => linksOnly).map(
    ({ reason, pattern }): RpmRule => ({
      name: nameOf(reason),
      reason: `Made by what is told: ${reason}.`,
      path: pattern,
      type: 'link',
      checks: 'It leads to a file that is as its package has it.',
      check: ({ path, target = '' }, { isVerified }) =>
        isVerified(path) ? undefined : `it leads to ${target}, which no package vouches for`,
    }),
  ),
];

/** Nothing of them is read: where they lie, and that they give nobody rights. */
const PLACED: readonly RpmRule[] = GENERATED.filter(({ linksOnly }) => !linksOnly).flatMap(({ reason, pattern }) =>
  (['file', 'folder', 'link', 'other'] as const).map(
    (type): RpmRule => ({
      name: nameOf(reason),
      reason: `Made by what is told: ${reason}.`,
      path: pattern,
      type,
      mode: 'any',
      owner: 'any',
      check: withoutRights,
    }),
  ),
);

/** A rule that compares says what such a file has to be, whether or not a package expects one there. */
const isCompared = (path: string): boolean =>
  COMPARED.some(({ isWide, path: places }) => !isWide && places instanceof RegExp && places.test(path));

const GHOSTS: readonly RpmRule[] = (['file', 'folder', 'link', 'other'] as const).map((type) => ({
  name: 'rpm-ghost',
  reason: 'Its package says that it may be there (`%ghost`), and brings nothing of it: a program makes it.',
  path: ANYWHERE,
  type,
  mode: 'any',
  owner: 'any',
  isWide: true,
  check: (file, facts) =>
    facts.ghosts.has(file.path) && !isCompared(file.path) ? withoutRights(file) : 'no package expects it',
}));

export const RULES: readonly RpmRule[] = [...COMPARED, ...PLACED, ...GHOSTS];

function withoutRights({ type, mode = 0 }: FileNode): string | undefined {
  return type === 'file' && (mode & (SETUID | SETGID)) !== 0 ? 'it is setuid or setgid' : undefined;
}

function nameOf(reason: string): string {
  return reason.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}
