/**
 * *test*: the captured image is read from outside, booted on machines as its platforms would have them, and compared with a clone.
 * Each machine writes to a layer that is thrown away: what ships was never booted.
 */
import type { TestReport } from '../../checks/report/report.ts';
import { toolVersion } from '../../host/tools.ts';
import type { Stage, StageKey } from '../../pipeline/stage.ts';
import type { TestInput } from './test-work.ts';

/** Raised when checks are judged in another way: what was judged before is judged again. */
const CHECKS_VERSION = 1;

export const testStage: Stage<TestInput, TestReport> = {
  name: 'test',
  key: async ({ image, tests, firmware, isStatic }): Promise<StageKey> => ({
    image: image.digest,
    tests: tests.digest,
    firmware: firmware ?? null,
    checks: CHECKS_VERSION,
    title: image.title,
    ...(isStatic ? { static: true } : { qemu: await toolVersion('qemu-system-x86_64') }),
  }),
  async run(input, context) {
    const { runTests } = await import('./test-run.ts');
    return await runTests(input, context);
  },
};
