/** What an EFI image of a remastered medium has of the original's: everything, and nothing changed but menus. */
import { listFat, readFat } from '../boot/efi-image.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';

/** In words; the images are held against each other in the order of their boot entries. */
export const efiProblems = async (original: Medium, result: Medium, signal?: AbortSignal): Promise<string[]> => {
  const [before, after] = [imagesOf(original), imagesOf(result)];
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

const imagesOf = ({ iso, boot }: Medium) =>
  boot.elTorito
    .filter(({ platform }) => platform === 'UEFI')
    .map(({ lba }) => ({ path: iso, offset: lba * BLOCK_SIZE }));

type Image = ReturnType<typeof imagesOf>[number];

const isSame = async (path: string, a: Image, b: Image, signal: AbortSignal | undefined): Promise<boolean> =>
  (await readFat(a, path, { signal })).equals(await readFat(b, path, { signal }));
