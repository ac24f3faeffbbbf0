/**
 * The index of a bundle, its first file: what is in it, each by path, size and digest, and how the recipes in it are loaded. A
 * bundle comes from elsewhere: its index is checked before anything else is read, and its paths lead nowhere but into the
 * folder that they are unpacked to.
 */
import { z } from 'zod';
import { IngotError } from '../errors.ts';
import { sha256 } from '../host/files.ts';

/** Goes up with every change of the form. */
export const BUNDLE_FORMAT = 1;

/** What a file is: it says where it goes. */
export const BUNDLED = {
  recipe: 'a recipe',
  lock: 'its lock',
  file: 'a file that the recipe names',
  secret: 'a secret',
  keyring: 'keys that the archive is checked with',
  index: 'a signed index of the archive, or the file that signs it',
  package: 'a package',
  iso: 'an install ISO',
  image: 'a disk image',
  feed: 'a feed of vulnerabilities, or the list of them',
  ingot: 'Ingot itself, with its Node and npm packages',
} as const;
export type Bundled = keyof typeof BUNDLED;

const CONTROL = /\p{Cc}/u;

/** Below the folder that it is unpacked to, in one way of writing it. */
export const isSafePath = (path: string): boolean =>
  path.length > 0 &&
  Buffer.byteLength(path) < 1024 &&
  !CONTROL.test(path) &&
  path.isWellFormed() &&
  !path.includes('\\') &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) < 256);

const safePath = z.string().refine(isSafePath, 'a path that stays in the bundle');
/** It is shown, or given to the system: a line end would forge lines, and a NUL ends a name. */
const plainText = z
  .string()
  .refine((text) => !CONTROL.test(text) && text.isWellFormed(), 'a text without control characters');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

const entry = z.strictObject({
  path: safePath,
  size: z.int().nonnegative(),
  sha256: digest,
  what: z.literal(Object.keys(BUNDLED) as Bundled[]),
  /** Permission bits of a file of the recipe's. */
  mode: z.int().min(0).max(0o777).optional(),
  /** Its content is in the bundle that this one is based on. */
  in: z.literal('base').optional(),
});
export type BundleEntry = z.output<typeof entry>;

const recipe = z.strictObject({
  /** Of the recipe in the bundle. */
  path: safePath,
  /** Values of its variables; they are no secrets. */
  variables: z.record(z.string(), z.string()),
  /** Paths as the recipe writes them, and where they lie in the bundle. */
  moved: z.record(z.string(), safePath),
  /** Files with secrets that are not in the bundle, as the recipe writes them. */
  secretFiles: z.array(plainText),
  /** What the host's apt said, where the recipe does not: the finished system has these addresses. */
  mirrors: z
    .strictObject({ urls: z.strictObject({ mirror: z.string(), security: z.string() }), keys: z.array(safePath) })
    .optional(),
});
export type BundledRecipe = z.output<typeof recipe>;

const MOST_ENTRIES = 500_000;

const indexSchema = z.strictObject({
  ingotBundle: z.literal(BUNDLE_FORMAT),
  /** The version of Ingot that wrote it. */
  ingot: plainText,
  name: plainText,
  /** The first is the one that is built, each further one is below the one before it. */
  recipes: z.array(recipe).min(1).max(20),
  /** Names of secrets that are not in it. */
  secrets: z.array(plainText),
  base: z
    .strictObject({ name: z.string().refine((name) => isSafePath(name) && !name.includes('/')), index: digest })
    .optional(),
  /** Symbolic links in trees that steps copy; they are made last. */
  links: z
    .array(
      z.strictObject({
        path: safePath,
        target: plainText.refine((text) => text !== '' && Buffer.byteLength(text) <= 4095, 'a target'),
      }),
    )
    .max(MOST_ENTRIES),
  /** Empty folders in such trees. */
  folders: z.array(z.strictObject({ path: safePath, mode: z.int().min(0).max(0o777) })).max(MOST_ENTRIES),
  entries: z.array(entry).max(MOST_ENTRIES),
});
export type BundleIndex = z.output<typeof indexSchema>;

export const INDEX_NAME = 'index.json';

/** One entry a line. */
export const indexText = ({ entries, links, folders, ...rest }: BundleIndex): string => {
  const lines = (all: readonly object[]) =>
    all.length === 0 ? '[]' : `[\n${all.map((one) => JSON.stringify(one)).join(',\n')}\n]`;
  const head = JSON.stringify(rest, null, 1).replace(/\n}$/, '');
  return `${head},\n "links": ${lines(links)},\n "folders": ${lines(folders)},\n "entries": ${lines(entries)}\n}\n`;
};

export const indexDigest = (bytes: Uint8Array): string => sha256(bytes);

/** Throws `bundle.not-a-bundle`, `bundle.unknown-format` or `bundle.bad-index`. */
export const parseIndex = (bytes: Uint8Array, where: string): BundleIndex => {
  const value = parsed(bytes);
  if (typeof value !== 'object' || value === null || !('ingotBundle' in value)) throw notABundle(where);
  if (value.ingotBundle !== BUNDLE_FORMAT)
    throw new IngotError(
      'bundle.unknown-format',
      `the bundle has format ${String(value.ingotBundle)}, this Ingot knows ${BUNDLE_FORMAT}`,
      {
        where,
        hint: 'It was written by another version of Ingot: use that one (`ingot bundle export --with-ingot` packs it).',
      },
    );
  const found = indexSchema.safeParse(value);
  if (!found.success) {
    const [issue] = found.error.issues;
    throw badIndex(where, issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`);
  }
  requireDistinct(found.data, where);
  return found.data;
};

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};

/** No path twice, and none below another one that is a file or a link. */
const requireDistinct = ({ entries, links, folders }: BundleIndex, where: string): void => {
  const all = [...entries, ...links, ...folders].map(({ path }) => path);
  const known = new Set<string>([INDEX_NAME]);
  for (const path of all) {
    if (known.has(path)) throw badIndex(where, `it names ${path} twice`);
    known.add(path);
  }
  for (const path of all) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('/');
      if (known.has(above)) throw badIndex(where, `it names ${path}, and ${above}, which is no folder of others`);
    }
  }
  const sizes = new Map<string, number>();
  for (const { sha256: digest, size, path } of entries) {
    if ((sizes.get(digest) ?? size) !== size) throw badIndex(where, `it gives two sizes to the content of ${path}`);
    sizes.set(digest, size);
  }
};

export const badIndex = (where: string, detail: string): IngotError =>
  new IngotError('bundle.bad-index', 'the index of the bundle is not one that Ingot writes', {
    where,
    detail,
    hint: 'Nothing was taken from it. Get it again from where it was written, and compare its digest.',
  });

export const notABundle = (where: string): IngotError =>
  new IngotError('bundle.not-a-bundle', 'this is no bundle', { where, hint: '`ingot bundle export` writes them.' });
