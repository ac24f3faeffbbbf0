/** The story of a run as one HTML page that needs no other file: no script or picture from elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../error.ts';
import { duration } from '../format.ts';
import { html, section } from './html.ts';
import { type ImageInside, imageInside } from './image-inside.ts';
import { type NetworkLane, networkLanes } from './network-lanes.ts';
import { PAGE_STYLE } from './page-style.ts';
import { type Picture, pictures } from './pictures.ts';
import { type LogLine, outcomeOf, type StageStory, type Story } from './story.ts';
import type { EvidenceFile } from './story-text.ts';
import { type TestLine, testResults } from './test-results.ts';
import { bar } from './timeline-bar.ts';

/** Runs in the browser, and is checked as such (tsconfig.pages.json). */
const PAGE_SCRIPT = readFileSync(join(import.meta.dirname, 'search-log.js'), 'utf8');

export type { Picture } from './pictures.ts';

/** A log that is more than the events tell: path below the run folder, and its text. */
export interface StoryLog {
  readonly path: string;
  readonly text: string;
}

export interface RunEvidence {
  readonly files: readonly EvidenceFile[];
  readonly pictures: readonly Picture[];
  readonly logs: readonly StoryLog[];
  readonly tests: readonly TestLine[];
  /** Of machines that were tested on the sink network. */
  readonly network: readonly NetworkLane[];
  /** Where the run captured an image. */
  readonly inside: ImageInside | undefined;
}

export const storyPage = (story: Story, evidence: RunEvidence): string => {
  const outcome = outcomeOf(story);
  const title = `${story.recipe} ${story.version}: ${outcome}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${html(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${html(story.recipe)} <small>${html(story.version)}</small></h1>
<p class="outcome ${outcome === 'done' ? 'good' : 'bad'}">${outcome} after ${duration(story.duration)}</p>
<p class="meta">began <time>${html(story.began)}</time> · <code>${html(story.runFolder)}</code></p>
</header>
<main>
${diagnosis(story)}${testResults(evidence.tests)}${networkLanes(evidence.network)}${timeline(story)}${imageInside(evidence.inside)}${pictures(evidence.pictures)}${notes(story.stages)}${log(story.lines)}${logFiles(evidence.logs)}${files(evidence.files)}</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
};

const diagnosis = ({ end, duration: time }: Story): string => {
  if (!end)
    return section(
      'diagnosis',
      'Why it ended',
      `<p>It was killed: there is no end, the last sign came after ${duration(time)}.</p>`,
    );
  return end.error === undefined
    ? ''
    : section('diagnosis', 'Why it ended', `<pre>${html(describeError(end.error))}</pre>`);
};

const timeline = ({ stages, waiting, duration: whole }: Story): string => {
  const rows = stages.flatMap((stage) => [
    bar(stage, whole, `stage ${stage.state}`, stateText(stage)),
    ...stage.phases.map((phase) => bar(phase, whole, `phase ${stage.state}`, duration(phase.duration))),
  ]);
  const left = waiting.map(
    (name) => `<tr class="stage waiting"><th>${html(name)}</th><td>not reached</td><td></td></tr>`,
  );
  return section('timeline', 'Timeline', `<table class="timeline">\n${[...rows, ...left].join('\n')}\n</table>`);
};

const stateText = ({ state, duration: time }: StageStory): string => {
  if (state === 'cached') return 'unchanged';
  return state === 'done' ? duration(time) : `${duration(time)}, ${state === 'cut' ? 'cut off' : 'failed'}`;
};

const notes = (stages: readonly StageStory[]): string => {
  const items = stages.flatMap(({ name, notes: said }) =>
    said.map(({ at, text }) => `<li><b>${html(name)}</b> ${html(text)} <span class="at">${clock(at)}</span></li>`),
  );
  return section('notes', 'Notes', items.length === 0 ? '' : `<ul>\n${items.join('\n')}\n</ul>`);
};

const clock = (at: number): string => {
  const seconds = Math.floor(at / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
};

const SEARCH =
  '<p class="search"><input type="search" placeholder="search the log" aria-label="search the log"> <output></output></p>';

const log = (lines: readonly LogLine[]): string => {
  if (lines.length === 0) return '';
  const shown = lines.map(
    ({ at, stage, text }) => `<div><span class="at">${clock(at)}</span> <b>${html(stage)}</b> ${html(text)}</div>`,
  );
  return section('log', 'Log', `${SEARCH}\n<div class="log searched">\n${shown.join('\n')}\n</div>`);
};

const logFiles = (logs: readonly StoryLog[]): string =>
  section(
    'logs',
    'Files of the machines',
    logs
      .map(({ path, text }) => `<details><summary>${html(path)}</summary><pre>${html(text)}</pre></details>`)
      .join('\n'),
  );

const files = (all: readonly EvidenceFile[]): string =>
  section(
    'evidence',
    'Evidence',
    all.length === 0
      ? ''
      : `<ul>\n${all.map(({ path, what }) => `<li><code>${html(path)}</code> ${html(what)}</li>`).join('\n')}\n</ul>`,
  );
