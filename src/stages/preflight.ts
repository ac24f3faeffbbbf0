/**
 * What can be known before anything is started: tools and firmware of the host, and the templates of the steps. A
 * build that would fail an hour later fails at once.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compileTests } from '../checks/compiled.ts';
import { distributionOf } from '../distributions/find.ts';
import { refused } from '../distributions/find-image.ts';
import { IngotError } from '../errors.ts';
import { contentTemplate } from '../guest/steps/copy.ts';
import { checkPlaybook } from '../guest/steps/playbook-syntax.ts';
import { renderTemplates, type StepTemplate } from '../guest/steps/step-template.ts';
import { type NeededFor, requireTools, toolVersion } from '../host/tools.ts';
import { findFirmware, loadProfile } from '../machine/profiles.ts';
import { requireQemu } from '../machine/requirements.ts';
import { hostFile } from '../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { installerMirror, isAssembled } from '../recipe/schema/origin-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import { type CleanMemo, requireCleanAnswers } from './answers/lint-answers.ts';
import { policiesOf } from './policy/policies.ts';

/**
 * Throws `recipe.unsupported`, `recipe.answers`, `host.tool-missing`, `host.tool-too-old`, `machine.firmware-missing`,
 * `guest.template-failed`, `guest.playbook-invalid`, `recipe.goss`, `recipe.openscap`, `usage.policy-invalid` or `usage.policy-unreadable`. `image` is false where no machine is started, as for a medium.
 */
export const preflight = async (
  loaded: LoadedRecipe,
  { image, memo }: { readonly image: boolean; readonly memo?: CleanMemo },
): Promise<void> => {
  const { origin, configure, machine, capture, media, tests } = loaded.recipe;
  if (image) await requireBuildable(loaded.recipe);
  if (loaded.parent !== undefined) await preflight(loaded.parent, { image, ...(memo ? { memo } : {}) });
  if (image) await requireCleanAnswers(loaded, 'build', memo);
  if (!image || capture.medium) await requireCleanAnswers(loaded, 'delivery', memo);
  const kinds: NeededFor[] = ['always'];
  if (isAssembled(origin)) kinds.push('assemble');
  if (image && configure.some((step) => 'ansible' in step)) kinds.push('ansible');
  if (image && tests?.checks.some((check) => 'openscap' in check)) kinds.push('openscap');
  await requireTools(kinds);
  if (media.bootTest && (!image || capture.medium)) await requireBootTest();
  if (!image) return;
  // Each takes a process: here they run side by side, and the keys of the stages find them known.
  await Promise.all([requireQemu(), toolVersion('qemu-img'), toolVersion('xorriso')]);
  await findFirmware(await loadProfile(machine.firmware));
  await checkNamedFiles(loaded);
  await checkPlaybooks(loaded);
  for (const { firmware } of tests?.machines ?? []) if (firmware) await findFirmware(await loadProfile(firmware));
};

const checkPlaybooks = async ({ recipe: { configure }, folder }: LoadedRecipe): Promise<void> => {
  for (const step of configure)
    if ('ansible' in step) await checkPlaybook(hostFile(folder, step.ansible.playbook), step.ansible);
};

/** Reads the files that a recipe names: templates, policies, tests. Throws `guest.template-failed`, `recipe.goss`, `recipe.openscap`, `usage.policy-…`. */
export const checkNamedFiles = async (loaded: LoadedRecipe): Promise<void> => {
  const { recipe, folder } = loaded;
  await Promise.all([
    checkTemplates(loaded),
    policiesOf(loaded),
    recipe.tests === undefined ? undefined : compileTests(recipe.tests, folder),
  ]);
};

/** Throws `recipe.unsupported` when only an install medium can be made of the recipe. */
export const requireBuildable = async (recipe: Recipe): Promise<void> => {
  await requireKnown(recipe);
  requireOpenNetwork(recipe);
  requirePlainDisk(recipe);
};

const requireBootTest = async (): Promise<void> => {
  await requireQemu();
  for (const firmware of ['uefi', 'uefi-secure'] as const) await findFirmware(await loadProfile(firmware));
};

/** Throws `recipe.unsupported`: Ingot does not watch an installation that nobody has seen, or seal its system. */
const requireKnown = async ({ os }: Recipe): Promise<void> => {
  const { image } = await distributionOf({ os });
  if (!image.releases.includes(os.release)) await refused({ os });
};

const NO_IMAGE: Readonly<Record<Exclude<Recipe['answers']['disk']['layout'], 'plain'>, string>> = {
  lvm: 'an image is read from outside before it is delivered, and logical volumes cannot be read that way',
  encrypted:
    'each machine made from the image would ask for its passphrase at boot, and all would share one volume key',
  raid1: 'an image is one disk',
  automatic: 'a layout that the installer chooses by itself is not read from outside, and does not grow',
};

const requireOpenNetwork = ({ origin, machine }: Recipe): void => {
  if (installerMirror(origin) === undefined || machine.network === 'open') return;
  throw new IngotError('recipe.unsupported', 'the machine reaches no mirror while it is isolated', {
    where: 'machine.network',
    hint: 'Set `machine.network: open`, or leave `origin.mirror` out.',
  });
};

/** Throws `recipe.unsupported` for a layout that an image cannot have. */
const requirePlainDisk = ({ answers: { disk } }: Recipe): void => {
  if (disk.layout === 'plain') return;
  throw new IngotError('recipe.unsupported', `no image is built with the layout ${disk.layout}`, {
    where: 'answers.disk.layout',
    detail: NO_IMAGE[disk.layout],
    hint: 'The layout is for install media: `ingot media`.',
  });
};

/** Renders every template of a `copy` step once, to find its mistakes. */
const checkTemplates = async ({ recipe, folder, variables }: LoadedRecipe): Promise<void> => {
  const templates: StepTemplate[] = [];
  for (const step of recipe.configure) {
    if (!('copy' in step && step.copy.template)) continue;
    const { content, from, to } = step.copy;
    if (typeof content === 'string') templates.push(contentTemplate(to, content));
    if (from === undefined) continue;
    for (const path of await filesOf(hostFile(folder, from)))
      templates.push({ path, text: await readFile(path, 'utf8') });
  }
  renderTemplates(templates, variables);
};

const filesOf = async (path: string): Promise<string[]> => {
  if (!(await stat(path)).isDirectory()) return [path];
  const items = await readdir(path, { withFileTypes: true, recursive: true });
  return items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
};
