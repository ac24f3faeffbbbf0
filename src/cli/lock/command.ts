/** `ingot lock`: every input of a recipe's builds by version and digest, in a file for version control. */

import { basename } from 'node:path';
import { IngotError } from '../../errors.ts';
import { VERDICT_STATUS } from '../../judgement.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { lockPathOf } from '../../recipe/lock-path.ts';
import type { LockedBuild, LockFile } from '../../recipe/schema/lock-schema.ts';
import { suggest } from '../../suggest.ts';
import type { Build } from '../build-session.ts';
import { thatLookOutside } from '../fresh-stages.ts';
import { withScreen, withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';
import { verb } from '../verb.ts';
import { contentText, judgementText, withBelow } from './text.ts';

export const lockCommand = () =>
  withScreen(withStore(withVariables(verb('lock'))))
    .argument('[recipe]', 'recipe file')
    .option(
      '--check',
      'only say whether the lock fits the recipe and the files that it names; nothing is fetched',
      false,
    )
    .option(
      '--update [packages...]',
      'look again at mirrors and publishers; with names only when nothing but these changes',
    )
    .addHelpText(
      'after',
      `
Examples:
  ingot lock web.yaml                       writes web.yaml.lock, for version control
  ingot build web.yaml --locked             takes exactly what it names
  ingot lock web.yaml --update              takes what is there today, and shows what changes
  ingot lock web.yaml --update openssl

Exit status of --check: 0 the lock fits, 1 it does not, 2 it could not be judged (there is none). Otherwise: 0 done, 1 failed, 2 bad usage or recipe.`,
    )
    .action(async (given, options, command) => {
      const { path, update } = recipeAndNames(given, options.update);
      if (path === undefined) return command.error("error: missing required argument 'recipe'", { exitCode: 2 });
      const { loadVariants } = await import('../../recipe/load.ts');
      const { readLockFile } = await import('../../lock/frozen-recipe.ts');
      if (options.check && update !== undefined)
        throw new IngotError('usage.check-and-update', '--check changes nothing, --update does', {
          hint: 'Give one of them.',
        });
      const all = await loadVariants(path, { variables: options.var, env: process.env });
      if (options.check) return check(path, all, options.json);
      const earlier = await readLockFile(path);
      const named = Array.isArray(update) ? update : [];
      requireLocked(named, earlier, path);
      const kept = update === undefined ? await keptBuilds(all, earlier) : new Map<string, LockedBuild>();
      const made = await lockAgain(
        all.filter(({ recipe }) => !kept.has(recipe.name)),
        { ...options, update },
      );
      const builds = new Map([...kept, ...made]);
      const say = options.json ? () => {} : print;
      await tell(earlier, builds, named, say);
      // Variants that were left out by --var stay as they are.
      const others = Object.keys(options.var).length === 0 ? {} : (earlier?.builds ?? {});
      const written = { ...others, ...Object.fromEntries(builds) };
      for (const name of Object.keys(earlier?.builds ?? {}).filter((one) => !Object.hasOwn(written, one)))
        say(`- build ${name}: the recipe does not make it without the \`--var\` that it was locked with\n`);
      await writeLock(path, written, earlier, say);
    });

/** The names after --update end where the recipe stands: `lock --update web.yaml`, `lock --update openssl web.yaml`. */
const recipeAndNames = (given: string | undefined, update: LockOptions['update']) => {
  const last = Array.isArray(update) ? update.at(-1) : undefined;
  if (given !== undefined || last === undefined || !Array.isArray(update)) return { path: given, update };
  const names = update.slice(0, -1);
  return { path: last, update: names.length === 0 ? (true as const) : names };
};

/** A name that no lock has would be updated in silence, which is to say not at all. */
const requireLocked = (named: readonly string[], lock: LockFile | undefined, path: string): void => {
  const known = Object.values(lock?.builds ?? {})
    .flatMap(withBelow)
    .flatMap(({ archive, added, iso, image }) => [
      ...(archive === undefined ? [] : [...archive.packages, ...archive.udebs, ...archive.parts]),
      ...(added?.packages ?? []),
      ...[iso, image].filter((file) => file !== undefined),
    ]);
  const names = known.map(({ name }) => name);
  const unknown = named.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const meant = suggest(unknown, names);
  throw new IngotError('usage.not-locked', `the lock does not name ${unknown}`, {
    where: lockPathOf(path),
    hint:
      meant === undefined
        ? 'Packages that are new in the recipe come with `ingot lock`.'
        : `Did you mean \`${meant}\`?`,
  });
};

/** Those of which the recipe still asks for the same: what was chosen stays, even when there is something newer. */
const keptBuilds = async (
  all: readonly LoadedRecipe[],
  earlier: LockFile | undefined,
): Promise<Map<string, LockedBuild>> => {
  const { keptBuild } = await import('../../lock/kept-build.ts');
  const kept = new Map<string, LockedBuild>();
  for (const loaded of all) {
    const before = earlier?.builds[loaded.recipe.name];
    const build = before === undefined ? undefined : await keptBuild(loaded, before);
    if (build !== undefined) kept.set(loaded.recipe.name, build);
  }
  return kept;
};

interface LockOptions {
  readonly update?: true | string[] | undefined;
  readonly store?: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
}

const lockAgain = async (all: readonly LoadedRecipe[], options: LockOptions): Promise<Map<string, LockedBuild>> => {
  if (all.length === 0) return new Map();
  const { inputStages, makeInputs } = await import('../../plan.ts');
  const { runningOn } = await import('../../pipeline/stage-list.ts');
  const { lockedBuild } = await import('../../lock/make-lock.ts');
  const { resultsOf, runSession } = await import('../build-session.ts');
  const requests = all.map((loaded) => {
    const stages = inputStages(loaded);
    return {
      loaded,
      stages,
      ...(options.update === undefined ? {} : { fresh: new Set(thatLookOutside(stages)) }),
      work: ({ engine }: Build) =>
        engine.repairing(async () => {
          const made = await makeInputs(loaded, runningOn(engine));
          if (made === undefined) return undefined;
          await engine.verify(made);
          return { name: loaded.recipe.name, build: await lockedBuild(loaded, made) };
        }),
    };
  });
  const results = resultsOf(await runSession<{ name: string; build: LockedBuild; output?: string }>(requests, options));
  return new Map(results.map(({ name, build }) => [name, build]));
};

/** Nothing, where a program reads the output. */
type Say = (text: string) => void;

/** What changes, like a changelog. Throws `lock.others-change` when more would change than was named. */
const tell = async (
  earlier: LockFile | undefined,
  builds: ReadonlyMap<string, LockedBuild>,
  named: readonly string[],
  say: Say,
): Promise<void> => {
  const { changeLine, lockChanges } = await import('../../lock/changes.ts');
  for (const [name, build] of builds) {
    const before = earlier?.builds[name];
    if (before === undefined) continue;
    const changes = lockChanges(before, build);
    const others = changes.filter((one) => CHOSEN.has(one.kind) && !named.includes(one.name.replace(BELOW, '')));
    if (named.length > 0 && others.length > 0)
      throw new IngotError('lock.others-change', `${others.length} packages that were not named would change as well`, {
        where: name,
        detail: others.map(changeLine).join('\n'),
        hint: 'A signed index has each package in one version, so they change together: name them too, or none for all.',
      });
    if (builds.size > 1) say(`${name}\n`);
    say(changes.length === 0 ? 'nothing changes\n' : changes.map((change) => `${changeLine(change)}\n`).join(''));
  }
};

/** As `lockChanges` begins the names of what is in a recipe below. */
const BELOW = /^(below: )+/;

/** What --update chooses anew; the rest follows from it, or from the recipe. */
const CHOSEN: ReadonlySet<string> = new Set(['package', 'component', 'part', 'added', 'iso', 'image']);

const writeLock = async (
  path: string,
  builds: Readonly<Record<string, LockedBuild>>,
  earlier: LockFile | undefined,
  say: Say,
): Promise<void> => {
  const { canonicalJson } = await import('../../canonical-json.ts');
  const { writeFileWhole } = await import('../../host/files.ts');
  const { lockFileOf } = await import('../../lock/make-lock.ts');
  const { lockFileText } = await import('../../lock/lock-text.ts');
  const file = lockPathOf(path);
  if (earlier !== undefined && canonicalJson(earlier.builds) === canonicalJson(builds))
    return say(`${file} fits, and stays as it is\n`);
  await writeFileWhole(file, lockFileText(await lockFileOf(builds), basename(path)));
  say(`${file}: ${Object.values(builds).map(contentText).join('; ')}\n`);
};

const check = async (path: string, all: readonly LoadedRecipe[], asJson: boolean): Promise<void> => {
  const { judgeLock } = await import('../../lock/judge-lock.ts');
  const judgement = await judgeLock(path, all);
  print(asJson ? `${JSON.stringify(judgement)}\n` : judgementText(judgement, path));
  process.exitCode = VERDICT_STATUS[judgement.verdict];
};
