/** A recipe's lock as text: YAML, one thing a line in a fixed order, so that version control shows what changed. */
import { isMap, isScalar, isSeq, type Node, parseDocument, Document as YamlDocument } from 'yaml';
import { IngotError } from '../errors.ts';
import { LOCK_FILE_FORMAT, type LockFile, lockFileSchema } from '../recipe/schema/lock-schema.ts';

const HEAD = (
  recipe: string,
) => ` What ${recipe} is built from, every input by version and digest. Written by \`ingot lock\`; keep it in
 version control. \`ingot build --locked\` takes exactly this. Nobody is meant to edit it: \`ingot lock --update\` does.`;

/** What each part is, for who reads the file. */
const COMMENTS: Readonly<Record<string, string>> = {
  tools: ' For comparison; a build does not ask for them.',
  hooks: " Ingot's hooks for the installer",
  archive: ' The list of packages that the medium is made of, and the signed indexes that it is from',
  packages: ' On the medium; those with a stage are installed',
  udebs: " The installer's components",
  parts: ' Taken apart for the installer and its boot loaders',
  mirrors: " Not named in the recipe, so they came from the host's apt: a digest of their addresses, and of the keys",
  added: ' What the recipe adds to its media (media.packages)',
  secrets: ' Where the secrets are; they themselves are not here',
  files: ' Files that the recipe names',
  below: ' The recipe that this one begins with',
};

export const lockFileText = (lock: LockFile, recipe: string): string => {
  // In the order of the schema, in whatever order it was put together.
  const document = new YamlDocument(lockFileSchema.parse(lock));
  document.commentBefore = HEAD(recipe);
  arrange(document.contents);
  // A stanza of an index stays on the line of its package.
  const doubleQuotedMinMultiLineLength = Number.MAX_SAFE_INTEGER;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true, doubleQuotedMinMultiLineLength });
};

/** Entries of lists on one line each, and so what has a digest. */
const arrange = (node: unknown): void => {
  if (isSeq(node)) for (const item of node.items) if (isMap(item) || isSeq(item)) item.flow = true;
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    const comment = isScalar(key) ? COMMENTS[String(key.value)] : undefined;
    if (comment !== undefined && isScalar(key)) key.commentBefore = comment;
    if (isMap(value) && value.items.every((pair) => isScalar(pair.value)) && value.items.length < 6) value.flow = true;
    else if (isSeq(value) && value.items.every((item) => isScalar(item))) value.flow = true;
    else arrange(value as Node);
  }
};

/** A list of the packages of the largest image is a tenth of it. */
const MOST = 64 * 2 ** 20;

/** Throws `lock.unreadable` or `lock.unknown-format`. */
export const parseLockFile = (text: string, where: string): LockFile => {
  const value = yamlValue(text, where);
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== undefined && format !== LOCK_FILE_FORMAT)
    throw new IngotError(
      'lock.unknown-format',
      `the lock has format ${String(format)}; this Ingot knows ${LOCK_FILE_FORMAT}`,
      {
        where,
        hint: 'It was written by another version of Ingot: build with that one, or write it again with `ingot lock`.',
      },
    );
  const parsed = lockFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(where, issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`);
};

const yamlValue = (text: string, where: string): unknown => {
  if (text.length > MOST) throw unreadable(where, 'it is larger than 64 MiB');
  const document = parseDocument(text, { prettyErrors: true, merge: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw unreadable(where, error.message);
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw unreadable(where, cause instanceof Error ? cause.message : String(cause));
  }
};

const unreadable = (where: string, detail: string | undefined): IngotError =>
  new IngotError('lock.unreadable', 'this is no lock that Ingot has written', {
    where,
    detail,
    hint: 'Marks of a merge in it? Take one side, and write it again with `ingot lock`.',
  });
