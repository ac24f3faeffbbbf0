/** Whether an EFI image of a remastered medium has everything of the original's, with only menus changed. */
import { type FatImage, listFat, readFat } from '../boot/efi-image.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import { readBootMenus } from '../menus/boot-menus.ts';

/** In words; the images are compared in the order of their boot entries. */
export const efiProblems = async (original: Medium, result: Medium, signal?: AbortSignal): Promise<string[]> => {
  const [before, after] = [await imagesOf(original, signal), await imagesOf(result, signal)];
  const problems: string[] = [];
  for (const [index, image] of before.entries()) {
    const other = after[index];
    // A lost image is a lost way to boot, which is told elsewhere.
    if (other === undefined) continue;
    const there = new Set(await listFat(other, { signal }));
    for (const path of await listFat(image, { signal })) {
      if (!there.has(path)) problems.push(`the EFI image has lost ${path}`);
      else if (!/\.(cfg|conf)$/i.test(path) && !(await isSame(path, image, other, signal)))
        problems.push(`the EFI image has another ${path}`);
    }
  }
  return problems;
};

/** EFI partitions that are not boot entries come after those that are. */
const imagesOf = async (medium: Medium, signal: AbortSignal | undefined): Promise<FatImage[]> =>
  (await readBootMenus(medium, signal)).images.map(({ lba }) => ({ path: medium.iso, offset: lba * BLOCK_SIZE }));

const isSame = async (path: string, a: FatImage, b: FatImage, signal: AbortSignal | undefined): Promise<boolean> =>
  (await readFat(a, path, { signal })).equals(await readFat(b, path, { signal }));
