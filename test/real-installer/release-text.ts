/** What a suite's InRelease signs, as text. Its signature was checked when the indexes were fetched. */
import { readFile } from 'node:fs/promises';
import type { VerifiedSuite } from '../../src/distributions/debian/archive/verify-signature.ts';

export const signedText = async ({ inRelease }: VerifiedSuite): Promise<string> => {
  const text = await readFile(inRelease.file, 'utf8');
  const body = text.slice(text.indexOf('\n\n') + 2, text.indexOf('-----BEGIN PGP SIGNATURE'));
  // Lines that begin with a dash are escaped (RFC 9580, 7.2).
  return body.replaceAll(/^- /gm, '');
};
