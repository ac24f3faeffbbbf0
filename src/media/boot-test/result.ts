/** The results of a boot test, one for each way, and their text. */
import { basename } from 'node:path';
import { IngotError } from '../../errors.ts';
import type { StartedEntry } from './menus.ts';
import type { Attempt } from './start.ts';
import type { TestPath } from './test-paths.ts';

export interface PathResult {
  readonly path: TestPath;
  readonly outcome: 'boots' | 'fails' | 'not-claimed';
  /** The kernel's command line, or why not. */
  readonly detail: string;
  /** Seconds; absent when no machine was started. */
  readonly seconds?: number;
  /** Present when the kernel has said that Secure Boot is on. */
  readonly secureBoot?: true;
  /** The menu entry that was started, as the kernel's command line tells; present when it boots. */
  readonly entry?: StartedEntry;
}

export interface BootTest {
  readonly iso: string;
  readonly nonce: string;
  readonly accelerator: 'kvm' | 'tcg';
  readonly results: readonly PathResult[];
  /** Every way that was tried boots. */
  readonly passed: boolean;
}

export const resultOf = (
  path: TestPath,
  { boots, detail, secureBoot }: Attempt,
  entry: StartedEntry | undefined,
  time: number,
): PathResult => ({
  path,
  outcome: boots ? 'boots' : 'fails',
  detail,
  seconds: Math.round(time / 100) / 10,
  ...(secureBoot ? { secureBoot } : {}),
  ...(entry === undefined ? {} : { entry }),
});

const WORDS: Readonly<Record<TestPath, string>> = {
  'bios-cd': 'BIOS from CD',
  'bios-usb': 'BIOS from USB',
  'uefi-cd': 'UEFI from CD',
  'uefi-usb': 'UEFI from USB',
  'uefi-secure-cd': 'UEFI with Secure Boot from CD',
  'uefi-secure-usb': 'UEFI with Secure Boot from USB',
};

export const bootPathText = (path: TestPath): string => WORDS[path];

/** Which entry has started each kernel, as the kernels say; with the ways, where a firmware has several. */
export const startedLines = (results: readonly PathResult[]): string[] =>
  ['BIOS', 'UEFI'].flatMap((name) => {
    const own = results.filter(({ path, entry }) => path.startsWith(name.toLowerCase()) && entry !== undefined);
    return [...Map.groupBy(own, ({ entry }) => entry?.title)].map(
      ([title, all], _, groups) =>
        `${groups.length === 1 ? name : all.map(({ path }) => path).join(', ')} starts the entry "${title}"`,
    );
  });

/** Throws `media.boot-test-failed` with what failed. */
export const requireBoots = ({ iso, results }: BootTest, evidence?: string): void => {
  const failed = results.filter(({ outcome }) => outcome === 'fails');
  if (failed.length === 0) return;
  throw new IngotError(
    'media.boot-test-failed',
    `the medium does not boot: ${failed.map(({ path }) => bootPathText(path)).join(', ')}`,
    {
      where: basename(iso),
      detail: failed.map(({ path, detail }) => `${bootPathText(path)}: ${detail}`).join('\n'),
      hint:
        evidence === undefined
          ? '--evidence FOLDER keeps logs and screens of the machines.'
          : `Logs and screens are in ${evidence}.`,
    },
  );
};
