/** What is searched for on the captured disk: the build's key in both halves, and every secret that the recipe names. */
import { type BuildKey, keyTraces } from '../guest/key.ts';
import type { Needle } from './search.ts';

/** Password hashes are secrets on their way, and at home here. */
const PASSWORD_FILES = ['/etc/shadow', '/etc/shadow-'];

export interface NeedleSources {
  /** Build keys of which both halves are at hand. */
  readonly keys?: readonly BuildKey[];
  /** `ssh-ed25519 AAAA…` of build keys whose private half never left the build's memory. */
  readonly publicKeys?: readonly string[];
  /** As `SecretStore.values()` gives them. */
  readonly secrets: readonly string[];
  /** Those of the secrets that are password hashes of accounts. */
  readonly passwordHashes: readonly string[];
}

export const needlesOf = ({ keys = [], publicKeys = [], secrets, passwordHashes }: NeedleSources): Needle[] => {
  const ofKeys = keys.flatMap((key): Needle[] => {
    const { privateKey, publicKey } = keyTraces(key);
    return [
      ...privateKey.map((value) => ({ label: 'private build key', value })),
      { label: 'public build key', value: publicKey },
    ];
  });
  const hashes = new Set(passwordHashes);
  const ofSecrets = secrets.map((value, index): Needle => {
    const label = `secret ${index + 1}`;
    return hashes.has(value) ? { label: 'password hash', value, allowedIn: PASSWORD_FILES } : { label, value };
  });
  const ofPublicKeys = publicKeys.map(
    (line): Needle => ({ label: 'public build key', value: line.split(' ')[1] ?? line }),
  );
  return [...ofKeys, ...ofPublicKeys, ...ofSecrets];
};
