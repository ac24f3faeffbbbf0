/** The classes of all files as a judgement: what was compared, how many are of which class, and all that is wrong, by name. */
import { shownPath } from '../capture/file-names.ts';
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import type { Classed, Classification, FileClass } from './classes.ts';

export interface Told {
  /** What it was held against, a line each. */
  readonly facts: readonly string[];
  /** What is wrong beside the files themselves. */
  readonly found: readonly Judged[];
  /** Packages that could not be had, each with why. */
  readonly without: readonly { readonly package: string; readonly why: string }[];
  /** Whether the build's own disks or its record were there to say what a step changed. */
  readonly knowsSteps: boolean;
}

/** `missing`: files of packages that nothing is known to have removed. */
export type FileCounts = Readonly<Record<FileClass | 'missing', number>>;

export const counted = ({ files, missing }: Classification): FileCounts => {
  const counts = { ...zeros(), missing: 0 };
  for (const { class: one } of files.values()) counts[one] += 1;
  for (const { class: one } of missing.values()) if (one === 'unexplained') counts.missing += 1;
  return counts;
};

const zeros = (): Record<FileClass, number> => ({
  verified: 0,
  configuration: 0,
  generated: 0,
  ingot: 0,
  step: 0,
  unjudged: 0,
  unexplained: 0,
});

/** `21,189 files: 19,144 verified, 12 by steps, …, 0 unexplained`: one line. */
export const summary = (classification: Classification): string => {
  const { missing, ...counts } = counted(classification);
  const total = classification.files.size;
  const parts = Object.entries(counts).filter(([name, count]) => count > 0 || name === 'unexplained');
  const said = [...parts.map(([name, count]) => `${count} ${name}`), ...(missing > 0 ? [`${missing} missing`] : [])];
  return `${total} files: ${said.join(', ')}`;
};

export const judgementOf = (classification: Classification, told: Told): Judgement => {
  const { facts, found, without, knowsSteps } = told;
  const files = [...classification.files].flatMap(([path, one]) => fileFault(shownPath(path), one, knowsSteps));
  const missing = [...classification.missing].flatMap(([path, one]) => missingFault(shownPath(path), one));
  const all = [
    ...found,
    ...files,
    ...missing,
    ...without.map(
      ({ package: name, why }): Judged => ({
        rule: 'trust/no-package',
        verdict: 'unjudged',
        message: `the files of ${name} could not be held against its package: ${why}`,
        where: name,
        hint: 'Give a folder with its .deb and the archive’s indexes.',
      }),
    ),
  ];
  return {
    check: 'trust',
    verdict: verdictOf(['holds', ...all.map(({ verdict }) => verdict)]),
    facts: [...facts, summary(classification)],
    found: all,
  };
};

const fileFault = (path: string, one: Classed, knowsSteps: boolean): Judged[] => {
  const of = one.package === undefined ? '' : ` of ${one.package}`;
  if (one.class === 'configuration')
    return [
      {
        rule: 'trust/configuration',
        verdict: 'holds',
        message: `the configuration file ${path}${of} was changed by ${one.by}`,
        where: path,
      },
    ];
  if (one.class !== 'unexplained') return [];
  if (one.isConfiguration)
    return [
      {
        rule: 'trust/configuration',
        verdict: knowsSteps ? 'fails' : 'unjudged',
        message: `the configuration file ${path}${of} is not as its package has it: ${one.why}`,
        where: path,
        hint: knowsSteps
          ? 'Nothing in the build changed it.'
          : 'Whether a step changed it is known from the build’s own disks or its record alone.',
      },
    ];
  const rule = one.differs === undefined ? 'trust/unexplained' : 'trust/changed';
  const message =
    one.differs === undefined
      ? `nothing accounts for ${path}${one.why === undefined ? '' : `: ${one.why}`}`
      : `${path}${of} is not as its package has it: ${one.why}`;
  return [
    {
      rule,
      verdict: 'fails',
      message,
      where: path,
      hint: 'Find out what put it there. A step of the recipe is known by comparing the build’s own disks.',
    },
  ];
};

const missingFault = (path: string, one: Classed): Judged[] =>
  one.class === 'unexplained'
    ? [
        {
          rule: 'trust/missing',
          verdict: 'fails',
          message: `${path}${one.package === undefined ? '' : ` of ${one.package}`} is missing${one.why === undefined ? '' : `: ${one.why}`}`,
          where: path,
          hint: 'Nothing in the build is known to remove it.',
        },
      ]
    : [];
