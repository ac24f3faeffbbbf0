/** One line a run. */
import type { Run } from '../../pipeline/runs.ts';
import { duration } from '../../ui/format.ts';
import { outcomeOf } from '../../ui/story/story.ts';
import { readRunStory } from './folder.ts';

export const runLine = async (run: Run): Promise<string> => {
  // One that cannot be read does not keep the others from being listed.
  const story = await readRunStory(run).catch(() => undefined);
  const end = story ? `${outcomeOf(story)} after ${duration(story.duration)}` : 'tells nothing';
  return `${run.name.padEnd(56)} ${end}\n`;
};
