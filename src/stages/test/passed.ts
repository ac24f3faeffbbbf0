/** What becomes of tests that do not hold: an error of the build, with what failed as its detail. */
import { countsOf, type TestReport } from '../../checks/report/report.ts';
import { lineOf } from '../../checks/report/text.ts';
import { IngotError } from '../../errors.ts';

/** Throws `tests.failed` or `tests.unjudged`. */
export const requirePassed = ({ verdict, results, image }: TestReport): void => {
  if (verdict === 'holds') return;
  const detail = results
    .filter((one) => one.verdict !== 'holds')
    .map(lineOf)
    .join('\n');
  if (verdict === 'fails')
    throw new IngotError('tests.failed', `the image does not pass its tests: ${countsOf(results)}`, {
      where: image.file,
      detail,
      hint: 'The machines’ folders of this run have screens and logs (`ingot show`). `--deliver-failed` delivers the image all the same; `--from test` tests it again.',
    });
  throw new IngotError('tests.unjudged', `not all tests of the image could be judged: ${countsOf(results)}`, {
    where: image.file,
    detail: results.length === 0 ? 'nothing was tested' : detail,
    hint: 'What was not judged is no pass. Take out what cannot be judged here, or deliver it all the same with `--deliver-failed`.',
  });
};
