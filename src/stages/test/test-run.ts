/** The work of *test*. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outsideOf } from '../../checks/outside.ts';
import { unjudged } from '../../checks/planned.ts';
import { testFiles } from '../../checks/report/files.ts';
import {
  REPORT_VERSION,
  resultOf,
  type TestedMachine,
  type TestReport,
  type TestResult,
  verdictOfResults,
} from '../../checks/report/report.ts';
import { lineOf } from '../../checks/report/text.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { IngotError, OUR_FAULT } from '../../errors.ts';
import { makeFolders } from '../../host/folders.ts';
import { sparseDigest } from '../../host/sparse-digest.ts';
import { type Accelerator, probeAccelerator } from '../../machine/accelerator.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import { sideBySide } from '../side-by-side.ts';
import { cloneRuns, compareClones } from './clones.ts';
import { type Entered, enter } from './entered.ts';
import { type BootedMachine, bootAndJudge } from './machine-run.ts';
import { knownOf, neverSeen } from './on-sink.ts';
import { requirePassed } from './passed.ts';
import { standalone } from './standalone.ts';
import type { TestInput } from './test-work.ts';
import { toldTogether } from './told-together.ts';

export const runTests = async (input: TestInput, context: StageContext): Promise<TestReport> => {
  const work = join(input.keepsDisks ? context.runFolder : context.dir, 'disks');
  await makeFolders(work);
  let isKept = false;
  try {
    const report = await testImage(input, work, context);
    await saveReport(report, context.runFolder);
    isKept = input.keepsDisks && report.verdict === 'fails';
    if (isKept) context.reporter.note(`the disks of the machines are in ${work}`);
    if (!input.toleratesFailures) requirePassed(report);
    return report;
  } finally {
    if (!isKept) await rm(work, { recursive: true, force: true });
  }
};

const testImage = async (input: TestInput, work: string, context: StageContext): Promise<TestReport> => {
  const { tests, isStatic } = input;
  const { title, sha256 } = input.image;
  const { reporter, signal } = context;
  const before = isStatic ? undefined : await sparseDigest(input.image.path, signal);
  const image = await standalone(input.image, work, { reporter, signal });
  reporter.phase('read from outside');
  const results: TestResult[] = [];
  const machines: TestedMachine[] = [];
  const tell = (more: readonly TestResult[]) => {
    for (const one of more) {
      reporter.line(lineOf(one));
      if (one.verdict !== 'holds')
        reporter.note(`${one.verdict === 'fails' ? 'fails' : 'not judged'}: ${one.name}: ${one.message}`);
    }
    return more;
  };
  const add = (more: readonly TestResult[]) => void results.push(...more);
  await using subject = await openSubject(image.path, signal);
  const outside = outsideOf(subject);
  for (const planned of tests.planned)
    if (planned.outside) add(tell([resultOf('image', planned, await planned.outside(outside))]));
  if (isStatic) reporter.note(leftOut(input));
  else {
    const accelerator = await probeAccelerator(input.accelerator, {
      cacheFolder: context.shared('host'),
      reporter,
      signal,
    });
    const { factor } = accelerator;
    const entered = await enter(subject, image, { folder: work, reporter, signal, factor });
    if ('reason' in entered) add(tell(notBooted(input, entered.reason)));
    else
      await bootAll(entered, {
        accelerator,
        input,
        work,
        context,
        size: subject.disk.size,
        subject,
        add,
        tell,
        machines,
      });
  }
  if (before !== undefined && (await sparseDigest(input.image.path, signal)) !== before)
    throw new IngotError('tests.image-changed', 'the image was changed while it was tested', {
      where: input.image.title,
      hint: OUR_FAULT,
    });
  return {
    version: REPORT_VERSION,
    image: { file: title, ...(sha256 === undefined ? {} : { sha256 }) },
    tests: tests.digest,
    scope: isStatic ? 'disk' : 'all',
    verdict: verdictOfResults(results),
    machines,
    results,
  };
};

interface Boots {
  readonly accelerator: Accelerator;
  readonly input: TestInput;
  readonly work: string;
  readonly context: StageContext;
  readonly size: number;
  readonly subject: Parameters<typeof compareClones>[0]['subject'];
  /** To the report. */
  readonly add: (results: readonly TestResult[]) => void;
  /** To whoever watches, at once. */
  readonly tell: (results: readonly TestResult[]) => readonly TestResult[];
  readonly machines: TestedMachine[];
}

const bootAll = async (
  entered: Entered,
  { accelerator, input, work, context, size, subject, add, tell, machines }: Boots,
): Promise<void> => {
  const { tests, clones } = { tests: input.tests, clones: input.tests.tests.clones };
  const runs = cloneRuns(tests.tests);
  const cloned: BootedMachine[] = [];
  const isSeen = runs.some(({ machine }) => machine.network === 'sink');
  const known = isSeen ? await knownOf(subject) : undefined;
  const together = toldTogether(
    context.reporter,
    runs.map(({ name }) => name),
  );
  // As many at the same time as the host has room for.
  const all = await sideBySide(runs, context.signal, async (run, signal) => {
    using reporter = together.reporterOf(run.name);
    const own = { ...context, reporter, signal };
    const booted = await bootAndJudge(run, { input, entered, accelerator, size, known, folder: work, context: own });
    tell(booted.results);
    if (!run.isClone) await booted.discard();
    return { run, booted };
  });
  for (const { run, booted } of all) {
    machines.push(booted.tested);
    add(booted.results);
    if (run.isClone) cloned.push(booted);
  }
  if (!isSeen) add(tell(neverSeen(tests.tests, '')));
  if (clones === undefined) return;
  context.reporter.phase('compare clones');
  add(tell(await compareClones({ clones, cloned, subject, work, context })));
  for (const one of cloned) if (!input.keepsDisks) await one.discard();
};

const leftOut = ({ tests: { planned, tests } }: TestInput): string => {
  const count = planned.filter(({ outside }) => outside === undefined).length;
  const parts = [
    'the boot',
    ...(count === 0 ? [] : [`${count} ${count === 1 ? 'check' : 'checks'}`]),
    ...(tests.egress === undefined ? [] : ['what leaves it']),
    ...(tests.clones === undefined ? [] : ['the clones']),
  ];
  return `left out, since nothing is booted: ${parts.join(', ')}`;
};

/** All that only a booted machine could have told. */
const notBooted = ({ tests: { planned, tests } }: TestInput, reason: string): TestResult[] => {
  const name = (one: string) => resultOf(one, { rule: 'tests/boot', name: 'boot' }, unjudged(reason));
  const inside = planned.filter(({ outside }) => outside === undefined);
  return [
    ...tests.machines.map((machine) => name(machine.name)),
    ...tests.machines.flatMap((machine) => inside.map((one) => resultOf(machine.name, one, unjudged(reason)))),
    ...neverSeen(tests, reason),
    ...(tests.clones === undefined
      ? []
      : [resultOf('clones', { rule: 'tests/clones', name: 'compared' }, unjudged(reason))]),
  ];
};

const saveReport = async (report: TestReport, folder: string): Promise<void> => {
  for (const [name, text] of Object.entries(testFiles(report))) await writeFile(join(folder, name), text);
};
