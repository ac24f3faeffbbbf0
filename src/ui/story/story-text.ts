/** The story of a run on the terminal. */
import { describeError } from '../error.ts';
import { age, duration, tame } from '../format.ts';
import { outcomeOf, type StageStory, type Story } from './story.ts';

export interface EvidenceFile {
  /** Below the run folder. */
  readonly path: string;
  readonly what: string;
}

export const storyText = (story: Story, evidence: readonly EvidenceFile[]): string => {
  const { recipe, version, began, runFolder, stages, waiting, end } = story;
  const lines = [
    `${recipe} ${version}: ${outcomeOf(story)} after ${duration(story.duration)}`,
    `began ${began.slice(0, 19).replace('T', ' ')} UTC`,
    `run   ${runFolder}`,
    ...(end?.output === undefined ? [] : [`made  ${end.output}`]),
    '',
    ...stages.flatMap(stageLines),
    ...(waiting.length === 0 ? [] : [`not reached: ${waiting.join(', ')}`]),
    ...(end?.error === undefined ? [] : ['', describeError(end.error)]),
    ...(evidence.length === 0 ? [] : ['', 'evidence:', ...evidence.map(evidenceLine)]),
  ];
  return `${lines.join('\n')}\n`;
};

const stageLines = (stage: StageStory): string[] => [
  `${stage.name.padEnd(18)}${stateText(stage)}`,
  ...stage.phases.map(({ name, duration: time }) => `    ${tame(name, 40).padEnd(30)}${duration(time)}`),
  ...stage.notes.map(({ text }) => `    note: ${tame(text, 400)}`),
];

const stateText = ({ state, age: made, duration: time }: StageStory): string => {
  switch (state) {
    case 'cached':
      return made === undefined ? 'unchanged' : `unchanged, was made ${age(made)}`;
    case 'done':
      return duration(time);
    case 'failed':
      return `FAILED after ${duration(time)}`;
    case 'cut':
      return `cut off after ${duration(time)}`;
  }
};

const evidenceLine = ({ path, what }: EvidenceFile): string => `  ${path.padEnd(34)}  ${what}`;
