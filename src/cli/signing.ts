/** Options that name who signs. A key belongs to whoever builds, not to a recipe, and it changes no image. */
import type { Command } from '@commander-js/extra-typings';
import type { Signing } from '../attest/sums-signing.ts';

export const collected = (word: string, before: readonly string[] = []): string[] => [...before, word];

export const withSigner = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command
    .option('--sign <key>', 'sign what is stated of it: a file with a private key, env:NAME, or command:COMMAND')
    .option('--sign-passphrase <secret>', 'where the passphrase of the key is: env:NAME or file:PATH')
    .option('--sign-public <file>', 'the public key of a command that signs');

export interface SignerChoice {
  readonly sign?: string | undefined;
  readonly signPassphrase?: string | undefined;
  readonly signPublic?: string | undefined;
}

/** Before anything is built: a key that cannot be used must not be found out after ten minutes. */
export const signingOf = async (
  { sign, signPassphrase, signPublic }: SignerChoice,
  wishes: readonly string[] = [],
): Promise<Signing> => {
  const { openSigner } = await import('../attest/signer.ts');
  const { readSumsWishes } = await import('../attest/sums-signing.ts');
  const signer =
    sign === undefined
      ? undefined
      : await openSigner({ key: sign, passphrase: signPassphrase, publicKey: signPublic, env: process.env });
  return { signer, ...readSumsWishes(wishes, signer) };
};
