/** *obtain*: a disk image from a path or URL, taken only when it has the digest of the recipe or of the publisher's sums, as a plain qcow2. */
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef } from '../../host/files.ts';
import { knownDigest } from '../../host/known-digest.ts';
import { sparseDigest } from '../../host/sparse-digest.ts';
import { takeImage } from '../../origin/image-intake.ts';
import { type OriginFile, obtainFile } from '../../origin/proven-file.ts';
import type { SumsProof } from '../../origin/sums.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type ImageOrigin, isUrl } from '../../recipe/schema/origin-schema.ts';
import { isProven } from '../../recipe/schema/sums-schema.ts';
import { publishedName } from '../../recipe/values/image-name.ts';
import { proofKey, provenDigest } from './proof.ts';

export interface ObtainInput {
  readonly loaded: LoadedRecipe;
  /** A path or a URL. */
  readonly image: string;
  readonly origin: ImageOrigin;
}

export interface ObtainedImage {
  readonly image: FileRef;
  readonly format: 'qcow2' | 'raw';
  /** Of the file, as it was published or delivered. */
  readonly name: string;
  /** SHA-256 of the file as it was published. */
  readonly published: string;
  /** What the publisher's sums said of it. */
  readonly proof?: SumsProof;
}

const IMAGE: OriginFile = {
  title: 'image',
  field: 'origin.image',
  missing: (where) =>
    new IngotError('origin.image-missing', 'there is no such image', {
      where,
      hint: 'origin.image is a path beside the recipe, or an https URL.',
    }),
  extension: 'image',
};

const dataDigest = (path: string, known: string): Promise<string> => knownDigest(path, known, () => sparseDigest(path));

export const obtainStage: Stage<ObtainInput, ObtainedImage> = {
  name: 'obtain',
  // Without a proof a file is what it is today; a raw image is mostly holes, which are not read.
  key: async ({ loaded: { folder }, image, origin }, { shared }) => ({
    ...(isProven(origin)
      ? await proofKey(origin, publishedName(image), folder)
      : { data: await dataDigest(hostFile(folder, image), join(shared('host'), 'digests')) }),
    format: origin.format ?? null,
  }),
  async run({ loaded: { folder }, image, origin }, { dir, shared, reporter, signal }) {
    const name = publishedName(image);
    const { proof, ...digests } = await provenDigest(origin, name, { folder, reporter, signal });
    const address = isUrl(image) ? image : hostFile(folder, image);
    const file = await obtainFile(IMAGE, address, digests, { folder, store: shared('images'), reporter, signal });
    const { format } = origin;
    const taken = await takeImage(file.path, { format, name, folder: dir, isOwn: isUrl(image), reporter, signal });
    const made = await fileRef(taken.path, signal);
    return {
      image: made,
      format: taken.format,
      name,
      published: file.sha256,
      ...(proof === undefined ? {} : { proof }),
    };
  },
};
