/** New keys for signing: the private one for its owner alone, the public ones beside it. Nothing is ever replaced. */
import { writeFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { syncPath } from '../host/files.ts';
import { isThere } from '../host/if-there.ts';
import { systemHint } from '../system-error.ts';
import { minisignKeyText } from './minisign.ts';
import { newKey, privateKeyPem } from './private-key.ts';
import { type KeyKind, publicKeyPem } from './public-key.ts';

export interface NewKey {
  readonly file: string;
  readonly public: string;
  /** The same key in minisign's form, for Ed25519. */
  readonly minisign: string | undefined;
  readonly id: string;
}

/** Throws `usage.file-exists` before anything is written. */
export const makeKey = async (file: string, kind: KeyKind, passphrase: string | undefined): Promise<NewKey> => {
  const stem = file.replace(/\.(key|pem)$/, '');
  const names = { public: `${stem}.pub`, minisign: kind === 'ed25519' ? `${stem}.minisign.pub` : undefined };
  for (const path of [file, names.public, names.minisign])
    if (path !== undefined && (await isThere(path))) throw exists(path);
  const key = newKey(kind);
  await writeNew(file, privateKeyPem(key, passphrase), 0o600);
  await writeNew(names.public, publicKeyPem(key.public), 0o644);
  if (names.minisign !== undefined) await writeNew(names.minisign, minisignKeyText(key.public), 0o644);
  return { file, ...names, id: key.public.id };
};

const writeNew = async (path: string, text: string, mode: number): Promise<void> => {
  try {
    await writeFile(path, text, { flag: 'wx', mode });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw exists(path);
    throw new IngotError('usage.not-writable', 'the key cannot be written', {
      where: path,
      hint: systemHint(cause),
      cause,
    });
  }
  await syncPath(path);
};

const exists = (path: string): IngotError =>
  new IngotError('usage.file-exists', `${path} is there already`, {
    hint: 'A key is never replaced: what it has signed could not be verified any more. Choose another name.',
  });
