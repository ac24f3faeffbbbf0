/** `ingot diff`: two images, or the disks of two stages of a run. */
import { resolve } from 'node:path';
import { IngotError, none } from '../../errors.ts';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { AlreadyReported } from '../reported.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

export const diffCommand = () =>
  withStore(verb('diff'))
    .argument('[before]', 'a disk image')
    .argument('[after]', 'a disk image')
    .option('--run [run]', 'what the configure steps of a run changed: its installed disk against its configured one')
    .option('--json', 'print JSON with every file', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot diff old.qcow2 new.qcow2\n  ingot diff --run            the latest run\n  ingot diff --run my-image   the latest run of this recipe\n\nExit status: 0 nothing differs but times, 1 something does.',
    )
    .action(async (before, after, options) => {
      const { openSubject } = await import('../../distributions/open-subject.ts');
      const { difference, isSame } = await import('../../inspect/diff.ts');
      const { differenceText } = await import('./diff-text.ts');
      using interruption = interruptible();
      const { signal } = interruption;
      const [one, other] = await imagesOf([before, after], options);
      await using first = await openSubject(one, signal);
      await using second = await openSubject(other, signal);
      const found = await difference(first, second, signal);
      print(`${options.json ? JSON.stringify(found, null, 2) : differenceText(found)}\n`);
      if (isSame(found)) return;
      const hint = none('the differences are what was asked for');
      throw new AlreadyReported(new IngotError('capture.images-differ', `${one} and ${other} differ`, { hint }));
    });

interface Asked {
  readonly run?: string | true | undefined;
  readonly store?: string | undefined;
}

const imagesOf = async (
  [before, after]: readonly [string | undefined, string | undefined],
  { run, store }: Asked,
): Promise<readonly [string, string]> => {
  if (run === undefined && before !== undefined && after !== undefined) return [before, after];
  if (run === undefined || before !== undefined) {
    throw new IngotError('usage.two-images', 'name two images to compare, or a run', {
      hint: '`ingot diff BEFORE AFTER`, or `ingot diff --run [RUN]`.',
    });
  }
  const { defaultStoreFolder } = await import('../../pipeline/store.ts');
  const { disksOfRun } = await import('./run-disks.ts');
  return disksOfRun(resolve(store ?? defaultStoreFolder()), run === true ? undefined : run);
};
