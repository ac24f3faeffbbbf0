/** What a recipe puts on its media besides the answers: host files by their content, and what the manifest says of it. */
import { canonicalJson } from '../../canonical-json.ts';
import { distributionOf } from '../../distributions/find.ts';
import { sha256, sha256File } from '../../host/files.ts';
import { type ContentFile, hostTree } from '../../media/content/host-tree.ts';
import type { StageKey } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { AddedPackage, PackageRepository } from '../origin/package-repository.ts';

/** Throws `media.not-a-file`, and what the operating system says of a path. */
export const mediumContent = async (
  { recipe, folder }: LoadedRecipe,
  added?: PackageRepository,
): Promise<ContentFile[]> => {
  const found: ContentFile[] = added?.files.map(({ to, file }) => ({ from: file.path, path: to })) ?? [];
  for (const { from, to } of recipe.media.files) found.push(...(await hostTree(hostFile(folder, from), to)));
  return found;
};

/** Nothing for a recipe that says nothing of it. */
export const contentKey = async (loaded: LoadedRecipe, added?: PackageRepository): Promise<StageKey> => {
  const { files, remove } = loaded.recipe.media;
  const digests: [string, string][] = [];
  for (const { from, path } of await mediumContent(loaded)) digests.push([path, await sha256File(from)]);
  return {
    ...(added === undefined
      ? {}
      : { packages: Object.fromEntries(added.files.map(({ to, file }) => [to, file.sha256])) }),
    ...(files.length === 0 ? {} : { content: sha256(canonicalJson(digests)) }),
    ...(remove.length === 0 ? {} : { remove }),
  };
};

export interface StatedChanges {
  /** Where the installer gets its answers from, and the copy without password hashes, in the root of the medium. */
  readonly answers: {
    readonly in: 'initrd';
    readonly file: string;
    readonly copy: string;
    /** What NAME stands for in the paths. */
    readonly hosts?: readonly string[];
  };
  /** Paths on the medium, of files and folders. */
  readonly files?: readonly string[];
  readonly removed?: readonly string[];
  readonly volumeId?: string;
  readonly packages?: readonly AddedPackage[];
  /** The key of the repository that they lie in. */
  readonly packagesSignedBy?: PackageRepository['signedBy'];
}

export const statedChanges = async (
  { os, hosts, media: { files, remove, volumeId } }: Recipe,
  added?: PackageRepository,
): Promise<StatedChanges> => ({
  answers: answersIn((await distributionOf({ os })).answers.file, Object.keys(hosts)),
  ...(files.length === 0 ? {} : { files: files.map(({ to }) => to) }),
  ...(remove.length === 0 ? {} : { removed: remove }),
  ...(volumeId === undefined ? {} : { volumeId }),
  ...(added === undefined ? {} : { packages: added.packages, packagesSignedBy: added.signedBy }),
});

const answersIn = (name: string, hosts: readonly string[]): StatedChanges['answers'] => {
  if (hosts.length === 0) return { in: 'initrd', file: `/${name}`, copy: `/${name}` };
  const path = `/ingot/hosts/NAME/${name}`;
  return { in: 'initrd', file: path, copy: path, hosts };
};
