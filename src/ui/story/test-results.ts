/** The results of the stage *test* on the page of a run: what fails first, then what was not judged, then what holds. */
import { html, section } from './html.ts';

export interface TestLine {
  readonly name: string;
  readonly verdict: 'holds' | 'fails' | 'unjudged';
  readonly message: string;
  readonly found?: string | undefined;
}

const ORDER = ['fails', 'unjudged', 'holds'] as const;
const WORDS = { holds: 'holds', fails: 'FAILS', unjudged: 'not judged' } as const;

export const testResults = (lines: readonly TestLine[]): string => {
  const rows = ORDER.flatMap((verdict) => lines.filter((line) => line.verdict === verdict)).map(
    ({ name, verdict, message, found }) =>
      `<tr class="${verdict}"><th>${html(name)}</th><td>${WORDS[verdict]}</td><td>${html(message)}${more(message, found)}</td></tr>`,
  );
  return section('tests', 'Tests', rows.length === 0 ? '' : `<table class="tests">\n${rows.join('\n')}\n</table>`);
};

const more = (message: string, found: string | undefined): string =>
  found === undefined || !found.includes('\n') || message.includes(found) ? '' : `<pre>${html(found)}</pre>`;
