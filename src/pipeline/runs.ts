/**
 * Run folders: what one build did. `runs/<time>-<name>-<pid>/` has the events, the recipe, and a folder for each stage
 * that ran. What a stage makes lies in `<stage>/unfinished` until it is published, so the launcher beside it starts
 * the very machine of a build that failed.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { isAlive } from '../host/process.ts';

export const UNFINISHED = 'unfinished';
export const EVENT_LOG = 'events.ndjson';

/** Makes the folder of a build; `recipe` is the recipe's text without secrets. */
export const makeRunFolder = async (store: string, name: string, recipe: string): Promise<string> => {
  await sweepRuns(join(store, 'runs'));
  const stamp = new Date().toISOString().replaceAll(/[-:]/g, '').replace(/\..*/, '');
  const folder = join(store, 'runs', `${stamp}-${name}-${process.pid}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'recipe.yaml'), recipe);
  return folder;
};

/** A build that was killed has told no end; its unfinished files are evidence of nothing. Its logs stay. */
const sweepRuns = async (runs: string): Promise<void> => {
  for (const name of await readdir(runs)) {
    const pid = /-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const events = await readFile(join(runs, name, EVENT_LOG), 'utf8').catch(() => '');
    if (/"type":"build\.(done|failed)"/.test(events.slice(-16_384))) continue;
    for (const stage of await readdir(join(runs, name), { withFileTypes: true })) {
      if (stage.isDirectory()) await rm(join(runs, name, stage.name, UNFINISHED), { recursive: true, force: true });
    }
  }
};

export interface Run {
  /** `20261124T235251-debian-12-minimal-27780` */
  readonly name: string;
  readonly folder: string;
}

/** All runs of a store, the latest first. */
export const listRuns = async (store: string): Promise<Run[]> => {
  const names = await readdir(join(store, 'runs')).catch(() => []);
  return names
    .filter((name) => /^\d{8}T\d{6}-/.test(name))
    .sort()
    .reverse()
    .map((name) => ({ name, folder: join(store, 'runs', name) }));
};

/**
 * The run that is meant: a folder, the beginning of a run's name, the name of a recipe (its latest run), or nothing
 * (the latest of all). Throws `usage.no-such-run`.
 */
export const findRun = async (store: string, wanted: string | undefined): Promise<Run> => {
  if (wanted !== undefined && (await stat(join(wanted, EVENT_LOG)).catch(() => undefined)))
    return { name: basename(resolve(wanted)), folder: resolve(wanted) };
  const runs = await listRuns(store);
  const found = runs.find(({ name }) => wanted === undefined || name.startsWith(wanted) || recipeOf(name) === wanted);
  if (found) return found;
  throw new IngotError(
    'usage.no-such-run',
    wanted === undefined ? 'there is no run yet' : `no run is called ${wanted}`,
    {
      where: join(store, 'runs'),
      hint: '`ingot show --list` shows them; a run folder, the beginning of its name or the name of its recipe is meant.',
    },
  );
};

const recipeOf = (name: string): string => name.replace(/^\d{8}T\d{6}-/, '').replace(/-\d+$/, '');
