/** The copy of a medium that is started: the same, except for words in its menus that only this test knows. */
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { requireSpace } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { changeFat } from '../boot/fat-change.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import type { Way } from '../loaders/way.ts';
import { readBootMenus, requireMenus } from '../menus/boot-menus.ts';
import { encodeMenu } from '../menus/encoding.ts';
import { type StartedEntry, testMenus } from './menus.ts';
import { replaceInPlace } from './replace-in-place.ts';

export interface TestCopy {
  readonly iso: string;
  /** What can be started, by the number after the nonce that its kernel prints. */
  readonly entries: readonly StartedEntry[];
  readonly ways: readonly Way[];
}

export const NONCE_KEY = 'ingot.boot-test';
/** A number with a lost digit does not count. */
export const ENTRY_DIGITS = 3;

/** `ignore_loglevel`: a menu may have said `quiet`, and then no command line would be seen. */
const wordsOf = (nonce: string, entry: number): string[] => [
  `${NONCE_KEY}=${nonce}.${String(entry).padStart(ENTRY_DIGITS, '0')}`,
  'console=ttyS0,115200n8',
  'ignore_loglevel',
];

/** Makes it in `folder`. Throws `media.no-boot-loader`, `media.no-boot-menu`, `media.no-room`, `host.no-space`. */
export const makeTestCopy = async (
  medium: Medium,
  nonce: string,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal | undefined },
): Promise<TestCopy> => {
  const menus = await readBootMenus(medium, signal);
  requireMenus(medium, menus);
  const { files, images, entries } = testMenus(menus, (entry) => wordsOf(nonce, entry));
  if (entries.length === 0) throw noKernel(medium);
  await requireSpace(folder, medium.volume.fileSize, 'the copy that is started');
  const iso = join(folder, 'medium.iso');
  await run('cp', ['--reflink=auto', '--no-target-directory', medium.iso, iso], { signal });
  await run('chmod', ['u+w', iso]);
  const contents = new Map([...files].map(([path, text]) => [path, encodeMenu(text)] as const));
  await replaceInPlace({ ...medium, iso }, contents);
  for (const [lba, texts] of images) {
    const image = { path: iso, offset: lba * BLOCK_SIZE };
    const changes = new Map([...texts].map(([path, text]) => [path, encodeMenu(text)] as const));
    await changeFat(image, changes, { folder, epoch: medium.volume.created, signal });
  }
  return { iso, entries, ways: menus.ways };
};

const noKernel = ({ iso }: Medium): IngotError =>
  new IngotError('media.no-installer', 'no menu of the medium starts a kernel with an initrd', {
    where: iso,
    hint: 'Only a Linux kernel prints its command line, which proves that a boot has worked.',
  });
