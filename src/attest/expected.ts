/** Whose signatures count, and what has to be there: keys named on the command line, and a policy. */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { isPredicateKind, type PredicateKind } from '../formats/reports/predicates.ts';
import { isKeyring } from '../formats/signatures/armor.ts';
import { systemHint } from '../system-error.ts';
import { isMinisignKey, type MinisignKey, readMinisignKey } from './minisign.ts';
import { type PublicKey, readPublicKey } from './public-key.ts';
import type { WantedSignatures } from './wanted-signatures.ts';

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

/** `keyFiles`: named on the command line. `wanted`: of a policy, its paths absolute. Throws `usage.policy-invalid` and `usage.key-…`. */
export const readExpected = async (keyFiles: readonly string[], wanted: WantedSignatures = {}): Promise<Expected> => {
  const { keys: own = [], threshold = 1, require = [], builders = [], predicates = [] } = wanted;
  const found = await Promise.all([...keyFiles.map((file) => ({ file, until: undefined })), ...own].map(readKey));
  const keys = found.flatMap(({ key }) => (key === undefined ? [] : [key]));
  const distinct = [...new Map(keys.map((key) => [key.id, key])).values()];
  if (threshold > Math.max(1, distinct.length))
    throw new IngotError('usage.policy-invalid', `${threshold} keys have to sign, and ${distinct.length} are named`, {
      where: 'signatures.threshold',
      hint: 'Name more keys, or lower `threshold`.',
    });
  return {
    keys: distinct,
    minisign: found.flatMap(({ minisign }) => (minisign === undefined ? [] : [minisign])),
    openpgp: found.flatMap(({ openpgp }) => (openpgp === undefined ? [] : [openpgp])),
    threshold,
    require: require.filter(isPredicateKind),
    builders,
    predicates,
  };
};

interface ReadKey {
  readonly key?: ExpectedKey;
  readonly minisign?: MinisignKey;
  readonly openpgp?: string;
}

const readKey = async ({
  file,
  until,
}: {
  readonly file: string;
  readonly until?: string | undefined;
}): Promise<ReadKey> => {
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
