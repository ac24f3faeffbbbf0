/**
 * Run folders: what one build did. `runs/<time>-<name>-<pid>/` has the events, the recipe, and a folder for each stage
 * that ran. What a stage makes lies in `<stage>/unfinished` until it is published, so the launcher beside it starts
 * the very machine of a build that failed.
 */
import { randomInt } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { lastBytes } from '../host/files.ts';
import { hold, take } from '../host/held-folder.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { openFolder } from '../host/remove-tree.ts';

export const UNFINISHED = 'unfinished';
export const EVENT_LOG = 'events.ndjson';
/** Where the recipe's secrets are, so that they can be taken out of the run's files again; not what they are. */
export const SECRETS_FILE = '.secrets.json';

/** The folder of a running build: held until the end, so that no other build takes it for one that was killed. */
export interface RunFolder extends AsyncDisposable {
  readonly folder: string;
}

export interface NewRun {
  /** Of the recipe. */
  readonly name: string;
  /** The recipe's text without secrets. */
  readonly recipe: string;
  readonly secrets?: readonly unknown[];
}

/** Makes the folder of a build. */
export const makeRunFolder = async (store: string, { name, recipe, secrets = [] }: NewRun): Promise<RunFolder> => {
  await sweepRuns(join(store, 'runs'));
  const stamp = new Date().toISOString().replaceAll(/[-:]/g, '').replace(/\..*/, '');
  const folder = await newFolder(join(store, 'runs', `${stamp}-${name}-`));
  const held = await hold(folder);
  await writeFile(join(folder, 'recipe.yaml'), recipe);
  await writeFile(join(folder, SECRETS_FILE), JSON.stringify(secrets), { mode: 0o600 });
  return { folder, [Symbol.asyncDispose]: () => held.close() };
};

/** Builds in containers have the same process ids. */
const newFolder = async (prefix: string): Promise<string> => {
  for (let number = process.pid; ; number = randomInt(1e9)) {
    const made = await mkdir(`${prefix}${number}`).catch((error: NodeJS.ErrnoException) => error);
    if (made === undefined) return `${prefix}${number}`;
    if (made.code !== 'EEXIST') throw made;
  }
};

/**
 * A build that was killed has told no end, and nobody holds its folder; its unfinished files prove nothing.
 * Its logs stay.
 */
const sweepRuns = async (runs: string): Promise<void> => {
  for (const name of await readdir(runs)) {
    const unfinished = await unfinishedIn(join(runs, name));
    if (unfinished.length === 0 || (await hasEnded(join(runs, name)))) continue;
    await using folder = await openFolder(join(runs, name));
    if ((await take(folder)) !== true) continue;
    for (const path of unfinished) await rm(path, { recursive: true, force: true });
  }
};

/** The last event of a failure contains the end of a log. */
const END_OF_LOG = 2 ** 20;

const unfinishedIn = async (run: string): Promise<string[]> => {
  const stages = (await ifThere(readdir(run, { withFileTypes: true }))) ?? [];
  const paths = stages.filter((stage) => stage.isDirectory()).map(({ name }) => join(run, name, UNFINISHED));
  const found = await Promise.all(paths.map(isThere));
  return paths.filter((_, nth) => found[nth]);
};

const hasEnded = async (run: string): Promise<boolean> => {
  const events = await ifThere(lastBytes(join(run, EVENT_LOG), END_OF_LOG));
  return /"type":"build\.(done|failed)"/.test(events?.toString('latin1') ?? '');
};

export interface Run {
  /** `20261124T235251-debian-12-minimal-27780` */
  readonly name: string;
  readonly folder: string;
}

/** All runs of a store, the latest first. */
export const listRuns = async (store: string): Promise<Run[]> => {
  const names = (await ifThere(readdir(join(store, 'runs')))) ?? [];
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
  if (wanted !== undefined && (await isThere(join(wanted, EVENT_LOG))))
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
