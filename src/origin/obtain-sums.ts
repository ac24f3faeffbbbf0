/** The files of a recipe's `sums`, from this host or over https, and what they prove. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { hostFile } from '../recipe/load/host-files.ts';
import type { Sums } from '../recipe/schema/sums-schema.ts';
import { fingerprintsOf, vendorKeyring } from '../recipe/schema/vendor-keys.ts';
import { systemHint } from '../system-error.ts';
import { type DownloadOptions, download } from './download.ts';
import { proveBySums, type SumsProof } from './sums.ts';

export interface SumsOptions extends Pick<DownloadOptions, 'reporter' | 'signal' | 'pause'> {
  /** The recipe's folder, to which paths are relative. */
  readonly folder: string;
}

/** Bytes. Fedora's and Debian's files of sums have a few KiB, those of whole archives some 100. */
const MOST = { sums: 4 * 2 ** 20, signature: 256 * 2 ** 10 } as const;

/** `name`: the file as its publisher calls it. Throws what `proveBySums` and `download` throw. */
export const obtainProof = async (name: string, sums: Sums, options: SumsOptions): Promise<SumsProof> => {
  const { signature, key, keyring = vendorKeyring(sums.key) } = sums;
  const pinned =
    key === undefined || keyring === undefined
      ? undefined
      : { fingerprints: fingerprintsOf(key), keyring: hostFile(options.folder, keyring) };
  const given = {
    sums: await bytesOf(sums, 'sums', options),
    signature: signature === undefined ? undefined : await bytesOf(signature, 'signature', options),
    where: sums.url ?? sums.file ?? 'origin.sums',
    key: pinned,
  };
  return proveBySums(name, given, options.signal);
};

const FIELDS = { sums: 'origin.sums', signature: 'origin.sums.signature' } as const;

const bytesOf = async (
  { url, file }: Pick<Sums, 'url' | 'file'>,
  what: keyof typeof MOST,
  { folder, ...options }: SumsOptions,
): Promise<Buffer> => {
  const most = MOST[what];
  if (url === undefined) return readSmall(hostFile(folder, file ?? ''), most);
  await using work = await temporaryFolder('ingot-sums-');
  const path = join(work.path, what);
  await download(url, path, { ...options, field: FIELDS[what], small: { most } });
  return await readFile(path);
};

const readSmall = async (path: string, most: number): Promise<Buffer> => {
  try {
    if ((await stat(path)).size <= most) return await readFile(path);
  } catch (cause) {
    throw new IngotError('origin.sums-missing', 'the sums or their signature cannot be read', {
      where: path,
      hint: systemHint(cause),
      cause,
    });
  }
  throw new IngotError('origin.sums-too-large', `it is larger than ${most / 1024} KiB`, {
    where: path,
    hint: 'Is this the file of the sums or their signature, and not an image?',
  });
};
