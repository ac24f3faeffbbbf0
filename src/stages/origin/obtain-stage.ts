/** *obtain*: a disk image from a path or URL, taken only when it has the recipe's digest, as a plain qcow2. */
import type { FileRef } from '../../host/files.ts';
import { sha256File } from '../../host/files.ts';
import { takeImage } from '../../origin/take-image.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { ImageOrigin } from '../../recipe/origin-schema.ts';

export interface ObtainInput {
  readonly loaded: LoadedRecipe;
  /** A path or a URL. */
  readonly image: string;
  readonly origin: ImageOrigin;
}

export interface ObtainedImage {
  readonly image: FileRef;
  readonly format: 'qcow2' | 'raw';
  /** SHA-256 of the file as it was published. */
  readonly published: string;
}

const publishedDigest = async ({ loaded, image, origin }: ObtainInput): Promise<string> =>
  origin.sha256 ?? (await sha256File(hostFile(loaded.folder, image)));

export const obtainStage: Stage<ObtainInput, ObtainedImage> = {
  name: 'obtain',
  key: async (input) => ({ sha256: await publishedDigest(input), format: input.origin.format ?? null }),
  async run(input, { dir, signal }) {
    const { loaded, origin } = input;
    const image = await takeImage(hostFile(loaded.folder, input.image), {
      sha256: origin.sha256,
      folder: dir,
      signal,
    });
    return { image, format: 'qcow2', published: await publishedDigest(input) };
  },
};
