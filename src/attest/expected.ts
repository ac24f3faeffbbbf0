/** Whose signatures count, and what has to be there: keys named on the command line, and a policy. */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { IngotError, messageOf } from '../errors.ts';
import { isKeyring } from '../formats/armor.ts';
import { systemHint } from '../system-error.ts';
import { isMinisignKey, type MinisignKey, readMinisignKey } from './minisign.ts';
import { isPredicateKind, PREDICATES, type PredicateKind } from './predicates.ts';
import { type PublicKey, readPublicKey } from './public-key.ts';

export interface ExpectedKey extends PublicKey {
  /** The file that it came from. */
  readonly file: string;
  /** Of what is signed later it is no signer any more: ISO 8601. */
  readonly until?: string | undefined;
}

export interface Expected {
  readonly keys: readonly ExpectedKey[];
  readonly minisign: readonly MinisignKey[];
  /** Files of OpenPGP keys, in either form. */
  readonly openpgp: readonly string[];
  /** How many of the keys have to have signed. */
  readonly threshold: number;
  /** Kinds of statements that have to be there. */
  readonly require: readonly PredicateKind[];
  /** Builders whose provenance counts; any when empty. */
  readonly builders: readonly string[];
  /** Predicate types that are accepted though nothing here can judge them. */
  readonly predicates: readonly string[];
}

const policySchema = z.strictObject({
  keys: z.array(z.strictObject({ file: z.string().min(1), until: z.iso.date().optional() })).default([]),
  threshold: z.int().min(1).default(1),
  require: z.array(z.string().refine(isPredicateKind, `one of ${Object.keys(PREDICATES).join(', ')}`)).default([]),
  builders: z.array(z.string().min(1)).default([]),
  predicates: z.array(z.string().min(1)).default([]),
});

/** Throws `usage.policy-invalid` and `usage.key-…`. */
export const readExpected = async (keyFiles: readonly string[], policyFile: string | undefined): Promise<Expected> => {
  const policy = policyFile === undefined ? policySchema.parse({}) : await readPolicy(policyFile);
  const folder = dirname(policyFile ?? '.');
  const own = policy.keys.map(({ file, until }) => ({ file: isAbsolute(file) ? file : join(folder, file), until }));
  const found = await Promise.all([...keyFiles.map((file) => ({ file, until: undefined })), ...own].map(readKey));
  const keys = found.flatMap(({ key }) => (key === undefined ? [] : [key]));
  const distinct = [...new Map(keys.map((key) => [key.id, key])).values()];
  if (policy.threshold > Math.max(1, distinct.length))
    throw new IngotError(
      'usage.policy-invalid',
      `${policy.threshold} keys have to sign, and ${distinct.length} are named`,
      {
        where: policyFile,
        hint: 'Name more keys, or lower `threshold`.',
      },
    );
  return {
    keys: distinct,
    minisign: found.flatMap(({ minisign }) => (minisign === undefined ? [] : [minisign])),
    openpgp: found.flatMap(({ openpgp }) => (openpgp === undefined ? [] : [openpgp])),
    threshold: policy.threshold,
    require: policy.require.filter(isPredicateKind),
    builders: policy.builders,
    predicates: policy.predicates,
  };
};

const readPolicy = async (path: string): Promise<z.output<typeof policySchema>> => {
  const text = (await readBytes(path, 'the policy')).toString('utf8');
  const invalid = (detail: string, cause?: unknown) =>
    new IngotError('usage.policy-invalid', 'the policy cannot be used', {
      where: path,
      detail,
      hint: 'docs/provenance.md shows every field of a policy.',
      cause,
    });
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw invalid(messageOf(cause), cause);
  }
  const found = policySchema.safeParse(value);
  if (!found.success) throw invalid(z.prettifyError(found.error));
  return found.data;
};

interface ReadKey {
  readonly key?: ExpectedKey;
  readonly minisign?: MinisignKey;
  readonly openpgp?: string;
}

const readKey = async ({ file, until }: { file: string; until: string | undefined }): Promise<ReadKey> => {
  const bytes = await readBytes(file, 'the key');
  const text = bytes.toString('utf8');
  if (isMinisignKey(text)) return { minisign: readMinisignKey(text, file) };
  if (isKeyring(bytes)) return { openpgp: file };
  return { key: { ...readPublicKey(text, file), file, ...(until === undefined ? {} : { until }) } };
};

const readBytes = async (path: string, what: string): Promise<Buffer> =>
  await readFile(path).catch((cause: unknown) => {
    throw new IngotError('usage.no-such-file', `${what} cannot be read`, {
      where: path,
      hint: systemHint(cause),
      cause,
    });
  });
