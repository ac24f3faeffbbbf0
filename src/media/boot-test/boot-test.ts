/**
 * Boots a medium in machines, in every way that it claims, until its kernel prints a command line with a nonce. What
 * is started is a copy whose menus have the nonce; all that a boot depends on is in the same place as in the original.
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
import type { Way } from '../loaders/way.ts';
import { type BootClaim, claimsOf } from './paths.ts';
import { type BootTest, bootPathText, type PathResult, resultOf } from './result.ts';
import { firmwareOf, tryPathTwice } from './start.ts';
import { makeTestCopy, type TestCopy } from './test-copy.ts';
import { TEST_PATHS, type TestPath } from './test-paths.ts';

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

/** Milliseconds, under KVM. */
export const BOOT_LIMIT = 40_000;

/**
 * Throws what `readMedium` throws, `media.does-not-boot`, `media.other-architecture`, `media.no-boot-loader`,
 * `media.no-boot-menu`, `media.no-installer`, `media.no-room`, and what starting a machine throws; a way that fails is
 * no error but a result.
 */
export const bootTest = async (iso: string, options: BootTestOptions): Promise<BootTest> => {
  const { signal, accelerator } = options;
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
  for (const claim of wanted) results.push(await tryClaim(claim, { ...options, nonce, copy, folder: folder.path }));
  return {
    iso,
    nonce,
    accelerator: accelerator.accelerator,
    results,
    passed: results.every(({ outcome }) => outcome !== 'fails'),
  };
};

interface Work extends BootTestOptions {
  readonly nonce: string;
  readonly copy: TestCopy;
  readonly folder: string;
}

const tryClaim = async ({ path, notClaimed }: BootClaim, work: Work): Promise<PathResult> => {
  const { copy, nonce, accelerator, evidence, limit = BOOT_LIMIT, reporter, signal } = work;
  if (notClaimed !== undefined) return { path, outcome: 'not-claimed', detail: notClaimed };
  const why = notFollowed(path, copy.ways);
  if (why !== undefined) return { path, outcome: 'fails', detail: why };
  reporter.phase(bootPathText(path));
  const started = performance.now();
  const folder = join(evidence ?? work.folder, path);
  const attempt = await tryPathTwice(path, {
    iso: copy.iso,
    nonce,
    accelerator: accelerator.accelerator,
    limit: limit * accelerator.factor,
    folder,
    reporter,
    signal,
  });
  const entry = attempt.entry === undefined ? undefined : copy.entries[attempt.entry];
  const result = resultOf(path, attempt, entry, performance.now() - started);
  reporter.line(`${bootPathText(path)}: ${result.outcome} (${result.seconds} s)`);
  if (evidence === undefined) await rm(folder, { recursive: true, force: true });
  return result;
};

/** When no known menu is reached, a kernel would start without the test's words, or none would start. */
const notFollowed = (path: TestPath, ways: readonly Way[]): string | undefined => {
  const own = ways.filter((way) => way.path === path.replace('-secure', '') && !way.isOther);
  if (own.length === 0 || own.some(({ menus }) => menus.length > 0)) return undefined;
  return own
    .map(({ door, loader, problems }) => `${door}: ${loader} comes to no menu that is known: ${problems.join('; ')}`)
    .join('\n');
};

const doesNotBoot = (iso: string): IngotError =>
  new IngotError('media.does-not-boot', `${basename(iso)} has no way to boot on a PC`, {
    where: iso,
    hint: '`ingot media inspect` shows its boot structures.',
  });
