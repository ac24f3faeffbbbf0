/** The work of *trust*. */
import { join } from 'node:path';
import { nodeFinder } from '../../capture/file-tree.ts';
import { openImage } from '../../capture/open-image.ts';
import { trustSystemOf } from '../../distributions/find-image.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { IngotError } from '../../errors.ts';
import { fileRef, writeFileWhole } from '../../host/files.ts';
import type { Judged, Judgement } from '../../judgement.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isAssembled } from '../../recipe/schema/origin-schema.ts';
import { layersOf } from '../../trust/layers.ts';
import { recordText } from '../../trust/record.ts';
import { counted } from '../../trust/report.ts';
import { notJudged, type Trusted } from '../../trust/trusted.ts';
import { mirrorsOf } from '../origin/mirrors.ts';
import { originEvidence } from './origin-evidence.ts';
import { stepStates } from './step-states.ts';
import { imageOf, type TrustInput, type TrustResult } from './trust-input.ts';

/** Throws `trust.unexplained` where the recipe says so. */
export const lookAtFiles = async (input: TrustInput, context: StageContext): Promise<TrustResult> => {
  const { dir, reporter, signal } = context;
  const { recipe, path } = input.loaded;
  reporter.phase('hold files against packages');
  const { judgement, classification, record } = await trusted(input, context);
  // The summary comes last among the facts, and first on a screen.
  for (const fact of judgement.facts.toReversed()) reporter.line(fact);
  for (const one of judgement.found) reporter.line(told(one));
  const against = judgement.found.filter(({ verdict }) => verdict !== 'holds');
  if (against.length > 0) {
    if (recipe.trust.unexplained === 'fail') throw unexplained(against, path);
    reporter.note(inShort(against));
  }
  const file = join(dir, 'trust.json');
  await writeFileWhole(file, recordText(record));
  return { judgement, counts: counted(classification), record: await fileRef(file, signal) };
};

const trusted = async (
  { loaded, captured, states, lock, origin, answers }: TrustInput,
  { shared, signal }: StageContext,
): Promise<Trusted> => {
  const system = await trustSystemOf(loaded.recipe);
  if (system === undefined)
    return notJudged(`files of ${loaded.recipe.os.family} are not held against their packages yet`);
  const image = imageOf(captured);
  const last = states.at(-1)?.disk;
  await using opened = new AsyncDisposableStack();
  // A layer alone has only what is new in it.
  const subject = opened.use(
    await openSubject(image.below === undefined || last === undefined ? image.file.path : last.path, signal),
  );
  const layers = layersOf(async () => {
    const found = [];
    for (const state of states)
      for (const { path, by } of await stepStates(state, signal))
        found.push({ find: nodeFinder(opened.use(await openImage(path, signal)).files.mounts), by });
    return found;
  }, signal);
  const { recipe } = loaded;
  return await system.check(
    subject,
    {
      store: lock === undefined ? undefined : { folder: shared('packages'), lock },
      keys: await keysOf(loaded),
      ...originEvidence(loaded, origin),
      kept: join(shared('host'), 'package-contents'),
      layers,
      said: {
        accounts: [
          ...recipe.answers.users.map(({ name }) => name),
          ...(recipe.answers.root.password === undefined ? [] : ['root']),
        ],
        texts: answers.map(({ content }) => content),
      },
    },
    signal,
  );
};

/** The keys that the build itself has believed. */
const keysOf = async (loaded: LoadedRecipe): Promise<readonly string[] | undefined> => {
  const { origin } = loaded.recipe;
  if (isAssembled(origin)) return (await mirrorsOf(loaded, origin)).keys;
  return loaded.parent === undefined ? undefined : keysOf(loaded.parent);
};

const MOST_TOLD = 40;

const told = ({ verdict, rule, message }: Judged): string => `${verdict}: ${rule}: ${message}`;

const inShort = (found: Judgement['found']): string => {
  const [first] = found;
  const more = found.length > 1 ? `, and ${found.length - 1} more: see the run's story (ingot show)` : '';
  return `not all files of the image are accounted for: ${first?.message}${more}`;
};

const unexplained = (found: readonly Judged[], where: string): IngotError => {
  const lines = found.slice(0, MOST_TOLD).map(told);
  const more = found.length > MOST_TOLD ? [`and ${found.length - MOST_TOLD} more`] : [];
  return new IngotError(
    'trust.unexplained',
    `${found.length} findings about the image's files: not all are accounted for`,
    {
      where,
      detail: [...lines, ...more].join('\n'),
      hint: 'Find out what put them there (docs/trust.md); or let the build go on with `trust: {unexplained: warn}`.',
    },
  );
};
