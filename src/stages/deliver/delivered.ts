/** Whether the output folder already holds what a build is about to deliver; then nothing is copied. */
import { basename, join } from 'node:path';
import { packageLines } from '../../capture/installed-packages.ts';
import type { Manifest } from '../../capture/manifest.ts';
import { sha256, sha256File } from '../../host/files.ts';
import type { SbomForm } from '../../recipe/schema.ts';
import type { Captured, CapturedImage } from '../capture/captured.ts';
import type { LyingThere } from './lying-there.ts';

/** The manifest that lies there, when all but time stamps is the same (a bill of materials says nothing that is not in the rest) and the files still are what was delivered. */
export const sameAsBefore = async (
  there: LyingThere,
  wanted: Manifest,
  { captured, forms }: { readonly captured: Captured; readonly forms: readonly SbomForm[] },
): Promise<Manifest | undefined> => {
  const at = (name: string) => join(there.folder, name);
  const found = there.manifest;
  if (found === undefined) return undefined;
  const timeless = ({ created: _, stages: __, sbom: ___, ...rest }: Manifest) => JSON.stringify(rest);
  if (timeless(found) !== timeless(wanted)) return undefined;
  const bills = found.sbom ?? [];
  if (bills.map(({ format }) => format).join() !== forms.join()) return undefined;
  const { images } = captured;
  const isSame = await Promise.all([
    ...images.map((image) => isImage(there, image)),
    ...(wanted.medium ? [isFile(at(wanted.medium.file), wanted.medium.sha256)] : []),
    ...bills.map(({ file, sha256 }) => isFile(at(file), sha256)),
    isFile(at('packages.txt'), sha256(packageLines(captured.packages))),
    there.hasSums(wanted),
  ]);
  return isSame.every(Boolean) ? found : undefined;
};

const isImage = async (there: LyingThere, { file, dataDigest }: CapturedImage): Promise<boolean> => {
  const name = basename(file.path);
  if (dataDigest === undefined) return isFile(join(there.folder, name), file.sha256);
  return (await there.dataDigest(name)) === dataDigest;
};

/** What cannot be read is delivered again. */
const isFile = async (path: string, digest: string): Promise<boolean> =>
  (await sha256File(path).catch(() => undefined)) === digest;
