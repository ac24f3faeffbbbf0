/** What *test* and its machines are given. */
import type { CompiledTests } from '../../checks/compiled.ts';
import type { DiskFormatName } from '../../formats/disk-images/disk-image.ts';
import type { FileRef } from '../../host/files.ts';
import type { TestMachine } from '../../recipe/schema/tests-schema.ts';

export interface TestInput {
  readonly image: {
    readonly path: string;
    readonly format: DiskFormatName;
    /** Of its content: whatever tells it from another, not read again for a key. */
    readonly digest: string;
    readonly sha256?: string;
    /** Where it lies in the store: it is checked while it is tested. */
    readonly file?: FileRef;
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

/** A machine of the recipe, as it is started once. */
export interface RunOfMachine {
  /** Where its results say they were judged. */
  readonly name: string;
  readonly machine: TestMachine;
  /** Boots only to be compared with the first one. */
  readonly isFurther: boolean;
  /** Its disk is compared afterwards, so it has to power off by itself. */
  readonly isClone: boolean;
}
