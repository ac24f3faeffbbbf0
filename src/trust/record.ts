/**
 * What a build writes down of all files that no package vouches for: their class and state, those that nothing accounts for by themselves. Elsewhere, without the build's own disks,
 * this says what steps did. It is as good as the signature over it.
 */
import { z } from 'zod';
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import type { Classed, Classification } from './classes.ts';
import type { Digests } from './digests.ts';

const entry = z.strictObject({
  class: z.enum(['configuration', 'generated', 'ingot', 'step']),
  rule: z.string().optional(),
  by: z.string().optional(),
  package: z.string().optional(),
  /** Absent for what is missing. */
  state: z.string().optional(),
});

/** It excuses nothing: who verifies the image finds such a file unexplained again. */
const unexplained = z.strictObject({
  class: z.literal('unexplained'),
  rule: z.string().optional(),
  package: z.string().optional(),
  why: z.string().optional(),
  /** Absent for what is missing. */
  state: z.string().optional(),
});

const vouched = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  // It is shown as it stands.
  by: z.string().regex(/^[^\p{Cc}\p{Cf}]{1,400}$/u),
});

const record = z.strictObject({
  version: z.literal(1),
  packages: z.array(vouched).optional(),
  files: z.record(z.string(), entry),
  /** What the build has found that nothing accounts for; absent where there is nothing, and in older records. */
  unexplained: z.record(z.string(), unexplained).optional(),
});
export type TrustRecord = z.output<typeof record>;

/**
 * A package that no index of the archive has to list: the build took it from somewhere else, checked it there, and knows it by its
 * digest. `by` says from where, and who vouches for that.
 */
export interface Vouched extends z.output<typeof vouched> {
  /** The file, where it is at hand. */
  readonly path?: string | undefined;
}

/** Everything by which a file is the same: kind, mode, owner, target, device, attributes, digest. */
export const stateOf = (file: FileNode, digests: Digests): string => {
  const { type, mode, uid, gid, target, device, attributes, flags, identity } = file;
  const known = [...(attributes ?? [])].map(([name, value]) => `${name}=${value.toString('hex')}`).sort();
  const parts = [type, mode?.toString(8), uid, gid, target, device, ...known, digests.get(identity)];
  return [...parts.map((part) => part ?? ''), ...(flags === undefined ? [] : [flags])].join(' ');
};

export const recordOf = ({ files, missing }: Classification, { tree, digests, vouched }: Recorded): TrustRecord => {
  const found: TrustRecord['files'] = {};
  const odd: NonNullable<TrustRecord['unexplained']> = {};
  for (const [path, one] of [...files, ...missing].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const kept = keptOf(one);
    const node = tree.get(path);
    const state = node === undefined ? {} : { state: stateOf(node, digests) };
    if (kept !== undefined) found[path] = { ...kept, ...state };
    if (one.class === 'unexplained') odd[path] = { ...oddOf(one), ...state };
  }
  const packages = vouched.map(({ name, version, architecture, sha256, by }) => ({
    ...{ name, version, architecture, sha256, by },
  }));
  return {
    version: 1,
    ...(packages.length === 0 ? {} : { packages }),
    files: found,
    ...(Object.keys(odd).length === 0 ? {} : { unexplained: odd }),
  };
};

interface Recorded {
  readonly tree: FileTree;
  readonly digests: Digests;
  /** Packages that the image was held against, and that no index of the archive lists. */
  readonly vouched: readonly Vouched[];
}

const keptOf = ({ class: name, rule, by, package: of }: Classed): TrustRecord['files'][string] | undefined => {
  if (name === 'verified' || name === 'unjudged' || name === 'unexplained') return undefined;
  return {
    class: name,
    ...(rule === undefined ? {} : { rule }),
    ...(by === undefined ? {} : { by }),
    ...(of === undefined ? {} : { package: of }),
  };
};

const oddOf = ({ rule, package: of, why }: Classed): NonNullable<TrustRecord['unexplained']>[string] => ({
  class: 'unexplained',
  ...(rule === undefined ? {} : { rule }),
  ...(of === undefined ? {} : { package: of }),
  ...(why === undefined ? {} : { why }),
});

/** One line for each package and file, so that two of them can be compared by eye. */
export const recordText = ({ version, packages = [], files, unexplained: odd }: TrustRecord): string =>
  `{"version":${version},${packages.length === 0 ? '' : `"packages":[\n${packages.map((one) => JSON.stringify(one)).join(',\n')}\n],`}"files":{\n${linesOf(files)}\n}${odd === undefined ? '' : `,"unexplained":{\n${linesOf(odd)}\n}`}}\n`;

const linesOf = (entries: Readonly<Record<string, unknown>>): string =>
  Object.entries(entries)
    .map(([path, one]) => `${JSON.stringify(path)}:${JSON.stringify(one)}`)
    .join(',\n');

/** Undefined for what is none. */
export const parseRecord = (text: string): TrustRecord | undefined => {
  try {
    return record.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
