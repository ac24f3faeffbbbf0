/** What lies in a run folder, read for people: the story, pictures, logs, and what each file is. */

import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { IngotError } from '../../errors.ts';
import { lastBytes } from '../../host/files.ts';
import { ifThere, isNotThere } from '../../host/if-there.ts';
import { lineSplitter } from '../../host/lines.ts';
import { INSPECTION } from '../../inspect/inspect.ts';
import type { StampedEvent } from '../../pipeline/events.ts';
import { parsed } from '../../pipeline/result-text.ts';
import { EVENT_LOG, type Run, UNFINISHED } from '../../pipeline/runs.ts';
import type { ImageInside } from '../../ui/story/image-inside.ts';
import type { NetworkLane } from '../../ui/story/network-lanes.ts';
import { type Story, storyOf } from '../../ui/story/story.ts';
import type { Picture, StoryLog } from '../../ui/story/story-page.ts';
import type { EvidenceFile } from '../../ui/story/story-text.ts';
import type { TestLine } from '../../ui/story/test-results.ts';

/** Throws `usage.not-a-run` for a folder without the beginning of a build. A line that was cut off is left out. */
export const readRunStory = async ({ folder }: Run): Promise<Story> => {
  const story = storyOf(await readEvents(join(folder, EVENT_LOG)));
  if (story) return { ...story, runFolder: folder };
  throw new IngotError('usage.not-a-run', 'this folder holds no run of a build', {
    where: join(folder, EVENT_LOG),
    hint: 'A build that was killed before it began leaves nothing to show.',
  });
};

/** The digest of the key by which each stage of a run has its result in the store. */
export const readRunStages = async ({ folder }: Run): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (await readEvents(join(folder, EVENT_LOG))).flatMap((event) =>
      event.type === 'stage.done' || event.type === 'stage.cached' ? [[event.stage, event.key] as const] : [],
    ),
  );

/** From the lines of guests and tools, the first and the last are enough for any story. */
const MOST_LINES = 50_000;
/** Characters of one event, whatever somebody has made of the file. */
const LONGEST_EVENT = 2 ** 22;

const readEvents = async (path: string): Promise<StampedEvent[]> => {
  const events: StampedEvent[] = [];
  const last: StampedEvent[] = [];
  let lines = 0;
  // From all reports of progress only the latest matters: it says when there was a last sign.
  let progress: StampedEvent | undefined;
  const settle = () => events.push(...last.splice(0));
  const splitter = lineSplitter(
    (line) => {
      for (const event of parseEvent(line)) {
        progress = event.type === 'stage.progress' ? event : undefined;
        if (progress) continue;
        const isLine = event.type === 'stage.line';
        if (!isLine) settle();
        if (isLine && ++lines > MOST_LINES) last.push(event);
        else events.push(event);
        if (last.length > 2 * MOST_LINES) last.splice(0, last.length - MOST_LINES);
      }
    },
    { longest: LONGEST_EVENT },
  );
  try {
    for await (const chunk of createReadStream(path, 'utf8')) splitter.push(String(chunk));
  } catch (error) {
    if (!isNotThere(error)) throw error;
  }
  splitter.end();
  settle();
  return progress ? [...events, progress] : events;
};

const parseEvent = (line: string): StampedEvent[] => {
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? [event] : [];
  } catch {
    return [];
  }
};

/** Ingot wrote the file itself; its types are those of events.ts. */
const isEvent = (value: unknown): value is StampedEvent =>
  typeof value === 'object' && value !== null && 'type' in value && 'at' in value;

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/\/pictures\/$/, 'the console as each phase began, and its last screens'],
  [/\/console\.png$/, 'picture of the console when it stopped'],
  [/\/screen\.png$/, 'picture of the screen when it stopped'],
  [/\/console\.txt$/, 'text of the console'],
  [/\/serial\.log$/, 'all that the serial console said'],
  [/\/installer\.log$/, "the installer's own log"],
  [/\/installer\/debconf\.txt$/, "the installer's debconf database"],
  [/\/installer\/state\.txt$/, 'what the installer saw: disks, mounts, memory, network, programs'],
  [/\/installer\/partman\.txt$/, "partman's log"],
  [/\/guest\/units\.txt$/, "the guest's failed units, and where its boot's time went"],
  [/\/guest\/journal\.txt$/, "the guest's journal of this boot"],
  [/\/guest\/var-log\.txt$/, "the guest's files of /var/log"],
  [/\/guest\/debconf\.txt$/, "the guest's debconf database"],
  [/^test\/tests\.json$/, 'each result of the tests; beside it the same as TAP and JUnit'],
  [/^test\/disks\//, 'the disk of a tested machine'],
  [/\/launch\.sh$/, 'starts this machine again, on a throw-away overlay'],
  [/\/machine\.json$/, 'what this machine was made of, for ingot shell'],
  [/^recipe\.yaml$/, 'the recipe, without secrets'],
  [/\/answers\/(?:preseed|ks)\.cfg$/, 'what the installer was told'],
  [/\/unfinished\/.*\.(?:qcow2|raw|iso)$/, 'what the stage had made so far'],
];

/** Files below the folder whose meaning is known. */
export const evidenceIn = async ({ folder }: Run): Promise<EvidenceFile[]> =>
  [...new Set((await runFilesBelow(folder)).map(stripOrFile))].flatMap((path) => {
    const what = MEANINGS.find(([pattern]) => pattern.test(path))?.[1];
    return what === undefined ? [] : [{ path, what }];
  });

/** A strip of pictures is one piece of evidence. */
const stripOrFile = (path: string): string => path.replace(/(\/pictures\/)[^/]+\.png$/, '$1');

/** All files, relative to the folder, sorted. */
export const runFilesBelow = async (folder: string): Promise<string[]> => {
  const items = await readdir(folder, { withFileTypes: true, recursive: true });
  return items
    .filter((item) => item.isFile())
    .map((item) => relative(folder, join(item.parentPath, item.name)))
    .sort();
};

export const isUnfinished = (path: string): boolean => path.split('/').includes(UNFINISHED);

export const picturesOf = async ({ folder }: Run): Promise<Picture[]> => {
  const paths = (await runFilesBelow(folder)).filter((path) => path.endsWith('.png') && !isUnfinished(path));
  return Promise.all(paths.map(async (path) => ({ path, png: await readFile(join(folder, path)) })));
};

const sentSchema = z.object({
  ...{ at: z.number(), until: z.number(), bytes: z.number() },
  ...{ protocol: z.string(), to: z.string(), during: z.string(), by: z.string().optional() },
});

const testsSchema = z.object({
  machines: z
    .array(z.object({ name: z.string(), duration: z.number(), sent: z.array(sentSchema).optional() }))
    .default([]),
  results: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(['holds', 'fails', 'unjudged']),
      message: z.string(),
      found: z.string().optional(),
    }),
  ),
});

/** Results, and what left machines that were on the sink network; none when the run tested nothing. */
export const testsOf = async ({
  folder,
}: Run): Promise<{ readonly tests: readonly TestLine[]; readonly network: readonly NetworkLane[] }> => {
  const text = await ifThere(readFile(join(folder, 'test', 'tests.json'), 'utf8'));
  const { results = [], machines = [] } = testsSchema.safeParse(parsed(text ?? '')).data ?? {};
  const network = machines.flatMap(({ name, duration, sent }) =>
    sent === undefined ? [] : [{ machine: name, duration, flows: sent }],
  );
  return { tests: results, network };
};

const names = z.array(z.object({ name: z.string() }));
const units = z.array(z.object({ unit: z.string() }));
const paths = z.array(z.object({ path: z.string() }));
const insideSchema = z.object({
  system: z.object({ name: z.string() }),
  packages: names.optional(),
  files: z.object({ count: z.number(), size: z.number() }),
  size: z.array(z.object({ reason: z.string(), files: z.number(), size: z.number() })),
  accounts: z.object({
    logins: z.array(z.object({ name: z.string(), password: z.string(), keys: z.array(z.unknown()) })),
  }),
  units: z.object({ enabled: units, timers: units }),
  privileged: paths,
  unowned: z.object({ unexplained: paths }).optional(),
});

/** Undefined when the run captured nothing. */
export const insideOf = async ({ folder }: Run): Promise<ImageInside | undefined> => {
  const text = await ifThere(readFile(join(folder, 'capture', INSPECTION), 'utf8'));
  return insideSchema.safeParse(parsed(text ?? '')).data;
};

/** The end of a log is what matters; bytes. */
const MOST_OF_LOG = 2 * 2 ** 20;

export const logsOf = async ({ folder }: Run): Promise<StoryLog[]> => {
  const paths = (await runFilesBelow(folder)).filter((path) =>
    /\/(?:(?:serial|installer)\.log|(?:guest|installer)\/[^/]+\.txt)$/.test(path),
  );
  return Promise.all(paths.map(async (path) => ({ path, text: await endOf(join(folder, path)) })));
};

const endOf = async (path: string): Promise<string> => {
  const text = stripVTControlCharacters((await lastBytes(path, MOST_OF_LOG)).toString('utf8'));
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '');
};
