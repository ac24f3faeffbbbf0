/**
 * What is searched for: on the captured disk the build's public key and every secret that the recipe names; in the
 * configured layer the private key too, as long as it is in memory (it is kept nowhere).
 */
import { privateTraces, publicTrace } from '../access/access.ts';
import type { BuildKeys } from '../access/key.ts';
import { IngotError } from '../errors.ts';
import type { SecretStore } from '../recipe/secrets/secrets.ts';
import { findOffsets, type Needle, type SearchOptions } from './search.ts';

/** Password hashes are secrets on their way; in these files they belong. */
const PASSWORD_FILES = ['/etc/shadow', '/etc/shadow-'];

export interface NeedleSources {
  /** `ssh-ed25519 AAAA…` of the builds' keys. */
  readonly publicKeys: readonly string[];
  readonly secrets: Pick<SecretStore, 'values' | 'describe'>;
  /** Those of the secrets that are password hashes of accounts. */
  readonly passwordHashes: readonly string[];
}

export const needlesOf = ({ publicKeys, secrets, passwordHashes }: NeedleSources): Needle[] => {
  const hashes = new Set(passwordHashes);
  const ofSecrets = secrets.values().map((value): Needle => {
    const label = `secret ${secrets.describe(value)}`;
    return hashes.has(value) ? { label: 'password hash', value, allowedIn: PASSWORD_FILES } : { label, value };
  });
  const ofPublicKeys = publicKeys.map((line): Needle => ({ label: 'public build key', value: publicTrace(line) }));
  return [...ofPublicKeys, ...ofSecrets];
};

/** Throws `capture.secret-found` when the private half of one of the build's keys is in a layer that the build has written. */
export const assertPrivateKeysAbsent = async (
  layer: string,
  keys: BuildKeys,
  options: SearchOptions,
): Promise<void> => {
  const needles = [keys.login, keys.host]
    .flatMap(privateTraces)
    .map((value) => ({ label: 'private build key', value }));
  const [first] = await findOffsets(layer, needles, options);
  if (first === undefined) return;
  throw new IngotError('capture.secret-found', 'the private build key is on the disk', {
    where: layer,
    detail: `byte ${first.offset} of the layer`,
    hint: 'A step has copied it. No step needs it: leave the copy out.',
  });
};
