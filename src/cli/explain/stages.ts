/** The stages in `ingot explain`: whether each runs, and which places of its key differ. */
import type { Change, Explanation } from '../../pipeline/explain.ts';
import type { Json } from '../../pipeline/stage.ts';
import { age } from '../../ui/format.ts';

export const stagesText = (all: readonly Explanation[]): string => {
  const width = Math.max(15, ...all.map(({ stage }) => stage.length)) + 2;
  return all.map((found) => `${found.stage.padEnd(width)}${stateText(found)}${behindText(found)}\n`).join('');
};

const behindText = (found: Explanation): string =>
  'behind' in found ? `\n    goes on from the checkpoint after ${found.behind}` : '';

const stateText = (found: Explanation): string => {
  switch (found.state) {
    case 'cached':
      return `unchanged, made ${age(Date.now() - found.made)}`;
    case 'new':
      return 'runs: never made in this store';
    case 'waits':
      return 'runs after those above, or is found when they make the same again';
    case 'changed':
      return found.changes.length === 0
        ? `runs: the result made ${age(Date.now() - found.made)} is damaged`
        : `runs: differs from the result made ${age(Date.now() - found.made)} in\n${found.changes.map(changeText).join('\n')}`;
  }
};

const changeText = ({ place, before, now }: Change): string => `    ${place}: ${valueText(before)} → ${valueText(now)}`;

const DIGEST = /^[0-9a-f]{64}$/;

/** The start of a digest tells two of them apart. */
const valueText = (value: Json | undefined): string => {
  if (value === undefined) return '(nothing)';
  const shown = typeof value === 'string' && DIGEST.test(value) ? `${value.slice(0, 12)}…` : JSON.stringify(value);
  return shown.length > 100 ? `${shown.slice(0, 99)}…` : shown;
};
