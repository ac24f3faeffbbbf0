/** *medium*: the origin's ISO with answers, Ingot's hooks and menus; for the build's own machine, or for delivery. */
import { join } from 'node:path';
import type { AnswerSet } from '../../answers/answer-set.ts';
import { canonicalJson } from '../../canonical-json.ts';
import type { Distribution } from '../../distributions/distribution.ts';
import { distributionOf } from '../../distributions/find.ts';
import type { CpioEntry } from '../../formats/archives/cpio.ts';
import { type FileRef, fileRef, sha256 } from '../../host/files.ts';
import { toolVersion } from '../../host/tools.ts';
import { readVolume } from '../../media/iso/iso9660.ts';
import type { RemasterOptions } from '../../media/remaster.ts';
import { checkIdentity } from '../../origin/blobs.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { installerMirror, isAssembled } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { answersKey, type Purpose } from '../answers/answers-stage.ts';
import type { PackageRepository } from '../origin/package-repository.ts';
import { requireBootable } from './medium-boots.ts';
import { contentKey, mediumContent } from './medium-content.ts';

export interface MediumInput {
  readonly loaded: LoadedRecipe;
  readonly iso: FileRef;
  readonly answers: AnswerSet;
  readonly purpose: Purpose;
  /** What the recipe adds to the medium's packages. */
  readonly added: PackageRepository | undefined;
}

export const mediumStage = (name: 'medium' | 'delivery'): Stage<MediumInput, FileRef> => ({
  name,
  holdsSecrets: true,
  key: async (input, context) => ({
    iso: input.iso.sha256,
    answers: answersKey(input.answers, context),
    hooks: hooksDigest(await (await distributionOf(input.loaded.recipe)).medium.hooks()),
    menu: { ...menuOf(input) },
    volumeId: input.loaded.recipe.media.volumeId ?? null,
    ...(await contentKey(input.loaded, input.added)),
    xorriso: await toolVersion('xorriso'),
    // A field that no recipe sets is in no key, so that media made before are still found.
    ...(removedArguments(input).length === 0 ? {} : { removed: removedArguments(input) }),
    ...(firmwareOf(input) === undefined ? {} : { firmware: firmwareOf(input) ?? null }),
    ...(isBootTested(input) ? { bootTest: await toolVersion('qemu-system-x86_64') } : {}),
  }),
  async run(input, context) {
    const { dir, reporter, signal } = context;
    const { requireFitting } = await import('../../media/fitting.ts');
    const { remaster } = await import('../../media/remaster.ts');
    const { iso, answers, loaded, added } = input;
    const { recipe } = loaded;
    const distribution = await distributionOf(recipe);
    await checkIdentity(iso.path, iso, 'the origin', signal);
    // What Ingot assembled has what it needs; an answer file of one's own may need something else.
    if (!isAssembled(recipe.origin) && recipe.answers.template === undefined) {
      const medium = await requireFitting(iso.path, distribution.medium.knownBy(recipe.os), signal);
      const recipes = [recipe, ...loaded.hosts.map((host) => host.loaded.recipe)];
      const names = new Set(added?.packages.map(({ name }) => name));
      if (installerMirror(recipe.origin) === undefined) distribution.medium.requirePackages(medium, recipes, names);
    }
    const output = join(dir, 'medium.iso');
    const drivers = await driversFor(input, distribution, { folder: dir, signal });
    await remaster({
      iso: iso.path,
      output,
      initrdEntries: [
        ...(await distribution.medium.hooks()),
        ...drivers,
        ...answers.initrd.map((file) => ({ type: 'file' as const, ...file })),
      ],
      mediumFiles: [
        ...answers.medium.map(({ path, content }) => ({ path: `/${path}`, content })),
        ...(await mediumContent(loaded, added)),
      ],
      remove: recipe.media.remove,
      kernelArguments: {
        installer: answers.installerArguments,
        target: distribution.medium.menuArguments(answers.targetArguments),
        removed: removedArguments(input),
      },
      menu: menuOf(input),
      firmware: firmwareOf(input),
      volumeId: recipe.media.volumeId,
      date: (await readVolume(iso.path)).created,
      reporter,
      signal,
    });
    if (isBootTested(input)) await requireBootable(output, loaded, context);
    return fileRef(output, signal);
  },
});

/** A delivered medium may have to recognize a host by its cards. */
const driversFor = async (
  { iso, loaded: { hosts }, purpose }: MediumInput,
  { medium }: Distribution,
  options: { readonly folder: string; readonly signal: AbortSignal },
): Promise<readonly CpioEntry[]> =>
  purpose === 'delivery' && hosts.some(({ match }) => match.mac !== undefined)
    ? ((await medium.cardDrivers?.(iso.path, options)) ?? [])
    : [];

const removedArguments = ({ loaded: { recipe } }: MediumInput): readonly string[] => recipe.media.arguments.remove;

/** Where one firmware is enough, the build's own machine says for its medium which one that is. */
const firmwareOf = ({ loaded: { recipe }, purpose }: MediumInput): Recipe['media']['firmware'] =>
  recipe.media.firmware === undefined || purpose === 'delivery' ? recipe.media.firmware : recipe.machine.firmware;

/** The build's own medium is started anyway. */
const isBootTested = ({ loaded: { recipe }, purpose }: MediumInput): boolean =>
  purpose === 'delivery' && recipe.media.bootTest;

/**
 * The build's own machine has an empty disk and nobody in front of it, so that its menu need not tell recipes apart; a
 * delivered medium does as the recipe says.
 */
const menuOf = ({ loaded: { recipe }, purpose }: MediumInput): RemasterOptions['menu'] => ({
  title: purpose === 'build' ? 'Installation' : `${recipe.name} ${recipe.version}`,
  start: purpose === 'build' ? 'now' : recipe.media.start,
});

const hooksDigest = (entries: readonly CpioEntry[]): string =>
  sha256(
    canonicalJson(entries.map((entry) => ('content' in entry ? { ...entry, content: sha256(entry.content) } : entry))),
  );
