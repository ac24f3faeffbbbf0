/** A row of a timeline: a name, a text, and a bar in percent of the whole. */
import { html } from './html.ts';
import type { Span } from './story.ts';

export const bar = ({ name, start, duration }: Span, whole: number, kind: string, text: string): string => {
  const share = (part: number) => ((100 * part) / Math.max(1, whole)).toFixed(2);
  const shape = `<i style="margin-left:${share(start)}%;width:${share(duration)}%"></i>`;
  return `<tr class="${kind}"><th>${html(name)}</th><td>${html(text)}</td><td class="track">${shape}</td></tr>`;
};
