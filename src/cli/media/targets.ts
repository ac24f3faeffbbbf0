/** What a command of `ingot media` makes: for a recipe, one of its hosts, or each of its variants; and where it goes. */
import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { requireFile } from '../../capture/output.ts';
import { IngotError } from '../../errors.ts';
import { ifThere } from '../../host/if-there.ts';
import { chooseHost } from '../../recipe/load/choose-host.ts';
import { type LoadedRecipe, loadVariants } from '../../recipe/load.ts';
import { asLocked } from '../locked.ts';

interface Asked {
  readonly var: Readonly<Record<string, string>>;
  readonly host?: string | undefined;
  readonly locked?: boolean;
  readonly refresh?: boolean;
}

export const loadTargets = async (
  path: string,
  { var: variables, host, locked = false, refresh = false }: Asked,
): Promise<readonly LoadedRecipe[]> => {
  const all = await asLocked(await loadVariants(path, { variables, env: process.env }), { locked, refresh });
  return host === undefined ? all : all.map((loaded) => chooseHost(loaded, host));
};

/**
 * Where each goes: `output` itself for one, a file of its name below `output` for several. Throws
 * `usage.output-is-folder`, and `usage.output-is-file` for several that cannot be one file.
 */
export const fileTargets = async (names: readonly string[], output: string): Promise<string[]> => {
  if (names.length === 1) {
    await requireFile(output);
    return [output];
  }
  await requireFolder(names, output);
  return names.map((name) => join(output, `${name}.iso`));
};

export const folderTargets = async (names: readonly string[], output: string): Promise<string[]> => {
  if (names.length === 1) return [output];
  await requireFolder(names, output);
  return names.map((name) => join(output, name));
};

const requireFolder = async (names: readonly string[], output: string): Promise<void> => {
  const there = await ifThere(stat(output));
  if (there?.isDirectory() || (there === undefined && !/^\.(iso|img)$/i.test(extname(output)))) return;
  throw new IngotError('usage.output-is-file', `${names.length} results cannot be one file`, {
    where: output,
    hint: `Name a folder for ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}; or choose one with --var or --host.`,
  });
};
