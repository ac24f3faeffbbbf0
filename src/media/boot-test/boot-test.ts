/**
 * Boots a medium by every way that it claims, in machines, until its kernel prints a command line with a nonce. What
 * is started is a copy whose menus have the nonce; all that a boot depends on lies in it where it lies in the original.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import type { Accelerator } from '../../machine/accelerator.ts';
import { findFirmware, loadProfile } from '../../machine/profiles.ts';
import { requireQemu } from '../../machine/requirements.ts';
import type { Reporter } from '../../report.ts';
import { readMedium } from '../iso/medium.ts';
import { claimsOf, TEST_PATHS, type TestPath } from './paths.ts';
import { type Attempt, firmwareOf, tryPath } from './start.ts';
import { makeTestCopy } from './test-copy.ts';

export interface BootTestOptions {
  readonly accelerator: Accelerator;
  /** Only these; all when absent. */
  readonly paths?: readonly TestPath[] | undefined;
  /** Milliseconds for each way under KVM; `BOOT_LIMIT` when absent. */
  readonly limit?: number | undefined;
  /** Where logs, screens and launchers of the machines stay, a folder each; gone when absent. */
  readonly evidence?: string | undefined;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

export interface PathResult {
  readonly path: TestPath;
  readonly outcome: 'boots' | 'fails' | 'not-claimed';
  /** The kernel's command line, or why not. */
  readonly detail: string;
  /** Seconds; absent when no machine was started. */
  readonly seconds?: number;
  /** Present when the kernel has said that Secure Boot is on. */
  readonly secureBoot?: true;
}

export interface BootTest {
  readonly iso: string;
  readonly nonce: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** Title of the menu entry that was started, by firmware. */
  readonly started: Readonly<Partial<Record<'bios' | 'uefi', string>>>;
  readonly results: readonly PathResult[];
  /** Every way that was tried boots. */
  readonly passed: boolean;
}

/** Milliseconds, under KVM. */
export const BOOT_LIMIT = 40_000;

/**
 * Throws what `readMedium` throws, `media.does-not-boot`, `media.other-architecture`, `media.no-boot-loader`,
 * `media.no-boot-menu`, `media.no-installer`, `media.no-room`, and what starting a machine throws; a way that fails is
 * no error but a result.
 */
export const bootTest = async (iso: string, options: BootTestOptions): Promise<BootTest> => {
  const { reporter, signal, accelerator, limit = BOOT_LIMIT } = options;
  await requireQemu();
  const medium = await readMedium(iso, signal);
  const claims = await claimsOf(medium, signal);
  const wanted = claims.filter(({ path }) => (options.paths ?? TEST_PATHS).includes(path));
  if (claims.every(({ notClaimed }) => notClaimed !== undefined)) throw doesNotBoot(iso);
  const tried = wanted.filter(({ notClaimed }) => notClaimed === undefined).map(({ path }) => firmwareOf(path));
  for (const firmware of new Set(tried)) await findFirmware(await loadProfile(firmware));
  await using folder = await temporaryFolder('ingot-boot-test-');
  const nonce = randomBytes(8).toString('hex');
  const copy = await makeTestCopy(medium, nonce, { folder: folder.path, signal });
  const results: PathResult[] = [];
  for (const { path, notClaimed } of wanted) {
    if (notClaimed !== undefined) {
      results.push({ path, outcome: 'not-claimed', detail: notClaimed });
      continue;
    }
    if (copy.started[path.startsWith('uefi') ? 'uefi' : 'bios'] === undefined) {
      results.push({ path, outcome: 'fails', detail: 'no menu for this firmware starts a kernel' });
      continue;
    }
    reporter.phase(pathText(path));
    const started = performance.now();
    const machineFolder = join(options.evidence ?? folder.path, path);
    const attempt = await tryPath(path, {
      iso: copy.iso,
      nonce,
      accelerator: accelerator.accelerator,
      limit: limit * accelerator.factor,
      folder: machineFolder,
      reporter,
      signal,
    });
    const result = resultOf(path, attempt, performance.now() - started);
    reporter.line(`${pathText(path)}: ${result.outcome} (${result.seconds} s)`);
    results.push(result);
    if (options.evidence === undefined) await rm(machineFolder, { recursive: true, force: true });
  }
  return {
    iso,
    nonce,
    accelerator: accelerator.accelerator,
    started: copy.started,
    results,
    passed: results.every(({ outcome }) => outcome !== 'fails'),
  };
};

const resultOf = (path: TestPath, { boots, detail, secureBoot }: Attempt, time: number): PathResult => ({
  path,
  outcome: boots ? 'boots' : 'fails',
  detail,
  seconds: Math.round(time / 100) / 10,
  ...(secureBoot ? { secureBoot } : {}),
});

const WORDS: Readonly<Record<TestPath, string>> = {
  'bios-cd': 'BIOS from CD',
  'bios-usb': 'BIOS from USB',
  'uefi-cd': 'UEFI from CD',
  'uefi-usb': 'UEFI from USB',
  'uefi-secure-cd': 'UEFI with Secure Boot from CD',
  'uefi-secure-usb': 'UEFI with Secure Boot from USB',
};

export const pathText = (path: TestPath): string => WORDS[path];

/** Throws `media.boot-test-failed` with what failed. */
export const requireBoots = ({ iso, results }: BootTest, evidence?: string): void => {
  const failed = results.filter(({ outcome }) => outcome === 'fails');
  if (failed.length === 0) return;
  throw new IngotError(
    'media.boot-test-failed',
    `the medium does not boot: ${failed.map(({ path }) => pathText(path)).join(', ')}`,
    {
      where: basename(iso),
      detail: failed.map(({ path, detail }) => `${pathText(path)}: ${detail}`).join('\n'),
      hint:
        evidence === undefined
          ? '--evidence FOLDER keeps logs and screens of the machines.'
          : `Logs and screens are in ${evidence}.`,
    },
  );
};

const doesNotBoot = (iso: string): IngotError =>
  new IngotError('media.does-not-boot', `${basename(iso)} claims no way to boot on a PC`, {
    where: iso,
    hint: '`ingot media inspect` shows its boot structures.',
  });
