/** An image that needs no other file: a thin one, which only its platform can open, is put over what it was made over. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConvertOptions, convert } from '../../capture/convert.ts';
import type { DiskFormatName } from '../../formats/disk-images/disk-image.ts';
import { run } from '../../host/run.ts';
import type { TestInput } from './test-work.ts';

export const standalone = async (
  { path, format, below }: TestInput['image'],
  folder: string,
  { reporter, signal }: ConvertOptions,
): Promise<{ readonly path: string; readonly format: DiskFormatName }> => {
  if (below === undefined) return { path, format };
  const layer = join(folder, 'layer.qcow2');
  await copyFile(path, layer);
  await run('qemu-img', ['rebase', '-u', '-f', format, '-F', below.format, '-b', below.path, layer], { signal });
  const whole = join(folder, 'whole.raw');
  await convert({ path: layer, format }, { path: whole, format: 'raw' }, { reporter, signal });
  return { path: whole, format: 'raw' };
};
