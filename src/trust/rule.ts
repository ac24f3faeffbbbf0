/**
 * A rule of the closed list: what makes a file that no package has, where it may lie, as what, and how far its content can be held
 * against something that is verified. Data, so that the documentation is made of it.
 */
import type { FileNode } from '../capture/file-tree.ts';

export interface Rule<Facts> {
  readonly name: string;
  /** What makes the file, and why no package has it. */
  readonly reason: string;
  /** Whole paths. */
  readonly path: RegExp | readonly string[];
  /** Files, where it does not say. */
  readonly type?: FileNode['type'];
  /** Allowed permission bits; 0644 for files and 0755 for folders, where it does not say; `any`: the check looks. Links have none. */
  readonly mode?: readonly number[] | 'any';
  /** Names of owner and group, `root:shadow`; root's, where it does not say. `any`: the check looks. */
  readonly owner?: string;
  /** Extended attributes that it may have; none, where it does not say. */
  readonly attributes?: readonly string[];
  readonly class?: 'generated' | 'ingot';
  /** It also accounts for what a package has there as another kind of file; otherwise a rule excuses mode and owner at most. */
  readonly isOverPackages?: boolean;
  /** Its place is so wide that it says nothing of what it does not know. */
  readonly isWide?: boolean;
  /** What is compared, in words; without a check: only place, kind, mode and owner are. */
  readonly checks?: string;
  /** Why the file is not what the rule says; undefined when it is. */
  readonly check?: (file: FileNode, facts: Facts) => Promise<string | undefined> | string | undefined;
}

export interface RuleFacts {
  /** `root:shadow` by the image's own passwd and group. */
  readonly ownerOf: (file: FileNode) => string;
}

/** Undefined where no rule knows the path; otherwise the rule, and why the file is not what it says. */
export const ruleFor = async <Facts extends RuleFacts>(
  file: FileNode,
  rules: readonly Rule<Facts>[],
  facts: Facts,
): Promise<{ readonly rule: Rule<Facts>; readonly why?: string } | undefined> => {
  let first: { readonly rule: Rule<Facts>; readonly why?: string } | undefined;
  let other: typeof first;
  for (const rule of rules) {
    if (!isAt(rule.path, file.path)) continue;
    const { type = 'file' } = rule;
    if (file.type !== type) {
      if (!rule.isWide) other ??= { rule, why: `it is a ${file.type}, not a ${type}` };
      continue;
    }
    const why = formOf(file, rule, facts) ?? (await rule.check?.(file, facts));
    if (why === undefined) return { rule };
    if (!rule.isWide) first ??= { rule, why };
  }
  return first ?? other;
};

const isAt = (places: RegExp | readonly string[], path: string): boolean =>
  places instanceof RegExp ? places.test(path) : places.includes(path);

const formOf = <Facts extends RuleFacts>(file: FileNode, rule: Rule<Facts>, facts: Facts): string | undefined => {
  const { type = 'file', owner = 'root:root' } = rule;
  if (file.mode === undefined || type === 'link') return undefined;
  const modes = rule.mode ?? [type === 'folder' ? 0o755 : 0o644];
  if (modes !== 'any' && !modes.includes(file.mode)) return `its mode is ${file.mode.toString(8).padStart(4, '0')}`;
  if (owner !== 'any' && facts.ownerOf(file) !== owner) return `it belongs to ${facts.ownerOf(file)}, not to ${owner}`;
  if (file.flags !== undefined) return `nobody may change it (chattr +${file.flags})`;
  const odd = [...(file.attributes?.keys() ?? [])].find(
    (name) => name !== 'system.data' && !rule.attributes?.includes(name),
  );
  return odd === undefined ? undefined : `it has the attribute ${odd}`;
};
