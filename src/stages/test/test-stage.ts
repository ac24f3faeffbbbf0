/**
 * *test*: the captured image is read from outside, booted on machines as its platforms would have them, and compared with a clone.
 * Each machine writes to a layer that is thrown away: what ships was never booted.
 */
import type { CompiledTests } from '../../checks/compiled.ts';
import type { TestReport } from '../../checks/report/report.ts';
import type { DiskFormatName } from '../../formats/disk-image.ts';
import { toolVersion } from '../../host/tools.ts';
import type { Stage, StageKey } from '../../pipeline/stage.ts';

/** Raised when checks are judged in another way: what was judged before is judged again. */
const CHECKS_VERSION = 1;

export interface TestInput {
  readonly image: {
    readonly path: string;
    readonly format: DiskFormatName;
    /** Of its content: whatever tells it from another, not read again for a key. */
    readonly digest: string;
    readonly sha256?: string;
    /** As people call it. */
    readonly title: string;
    /** What it is a layer over, and names in a way that only its platform understands. */
    readonly below?: { readonly path: string; readonly format: DiskFormatName } | undefined;
  };
  readonly tests: CompiledTests;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  /** What a machine boots with that does not say; the image's own way when absent. */
  readonly firmware?: 'bios' | 'uefi' | undefined;
  /** Nothing is booted. */
  readonly isStatic: boolean;
  /** A result that does not hold is a result as well; otherwise it ends the build. */
  readonly toleratesFailures: boolean;
  /** After a failure the disks of its machines stay, in the run folder. */
  readonly keepsDisks: boolean;
  readonly redact: (text: string) => string;
}

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
