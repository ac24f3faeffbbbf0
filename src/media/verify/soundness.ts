/** Whether a medium is what it claims to be: its boot structures fit together, its menus and its checks hold. */

import { type BootPath, bootPathsOf } from '../boot/boot-paths.ts';
import { listFat } from '../boot/efi-image.ts';
import { catalogProblems } from '../checks/el-torito.ts';
import { checkEmbedded, type EmbeddedCheck } from '../checks/embedded-checks.ts';
import { gptProblems } from '../checks/gpt.ts';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import type { ReportedPartition } from '../iso/xorriso-report.ts';
import { readBootMenus } from '../menus/boot-menus.ts';
import { checkMenuTargets } from '../menus/menu-targets.ts';
import { bootProblems } from './boot-kept.ts';
import { loaderProblems } from './loaders.ts';

export interface Soundness {
  readonly bootPaths: readonly BootPath[];
  readonly menus: number;
  readonly entries: number;
  readonly checks: readonly EmbeddedCheck[];
  readonly problems: readonly string[];
}

/** Throws `media.efi-image`. */
export const checkSoundness = async (medium: Medium, signal?: AbortSignal): Promise<Soundness> => {
  const { boot, volume } = medium;
  const images = boot.elTorito.filter(({ platform }) => platform === 'UEFI');
  const inImage = new Map<number, readonly string[]>();
  for (const { lba } of images)
    inImage.set(lba, await listFat({ path: medium.iso, offset: lba * BLOCK_SIZE }, { signal }));
  const found = await readBootMenus(medium, signal);
  const there = found.images.flatMap(({ all }) => all);
  const { problems, ...menus } = checkMenuTargets(medium, found, there);
  const checks = await checkEmbedded(medium, signal);
  await using file = await openMedium(medium.iso);
  return {
    bootPaths: bootPathsOf(boot),
    ...menus,
    checks,
    problems: [
      ...(await catalogProblems(file)),
      ...(await loaderProblems(medium, file, inImage, signal)),
      ...boot.elTorito
        .filter(({ lba }) => lba * BLOCK_SIZE >= volume.fileSize)
        .map(({ platform, lba }) => `the ${platform} boot image would lie at block ${lba}, past the end of the file`),
      ...[...boot.mbr, ...boot.gpt, ...boot.apm].filter(reachesOut(volume.fileSize)).map(shown),
      ...(await gptProblems(file)),
      // Compared with itself: only contradictions between its own parts remain.
      ...bootProblems(boot, boot),
      ...problems,
      ...checks.flatMap(({ kind, problems: wrong }) => wrong.map((problem) => `${kind}: ${problem}`)),
    ],
  };
};

/** An isohybrid MBR rounds its partition up to a whole cylinder (at most 255 heads of 63 sectors); the file may be cut. */
const CYLINDER = 255 * 63;

const reachesOut =
  (fileSize: number) =>
  ({ start, blocks }: ReportedPartition): boolean =>
    (start + blocks - CYLINDER) * 512 > fileSize;

const shown = ({ number, start, blocks }: ReportedPartition): string =>
  `partition ${number} (${blocks} sectors from ${start}) reaches past the end of the file`;
