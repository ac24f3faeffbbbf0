/**
 * Run folders: what one build did. `runs/<time>-<name>-<pid>/` has the events, the recipe, and a folder for each stage
 * that ran. What a stage makes lies in `<stage>/unfinished` until it is published, so the launcher beside it starts
 * the very machine of a build that failed.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
