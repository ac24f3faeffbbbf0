/** The ways to boot that are tried, and why one is not: a medium has to do what it claims, and nothing else. */
import { IngotError } from '../../errors.ts';
import { type BootPath, bootPathsOf } from '../boot/boot-paths.ts';
import { type FatImage, listFat, readFat } from '../boot/efi-image.ts';
import { identify } from '../identity/identify.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import { isSigned } from './signed.ts';
import { TEST_PATHS, type TestPath } from './test-paths.ts';

export interface BootClaim {
  readonly path: TestPath;
  /** Absent when the medium claims to boot so. */
  readonly notClaimed?: string;
}

const FOR_X86 = /^(amd64|x86_64|i[3-6]86|multi-arch|unknown)$/;
/** What UEFI starts from removable media (UEFI specification 2.10, 3.5.1.1). */
const LOADER = '/efi/boot/bootx64.efi';

/** In the order of `TEST_PATHS`. Throws `media.other-architecture` and `media.efi-image`. */
export const claimsOf = async (medium: Medium, signal?: AbortSignal): Promise<BootClaim[]> => {
  await requireX86(medium);
  const claimed = bootPathsOf(medium.boot);
  const loader = await loaderOf(medium, signal);
  return TEST_PATHS.map((path) => {
    const isSecure = path.startsWith('uefi-secure');
    const plain = path.replace('-secure', '') as BootPath;
    if (!claimed.includes(plain)) return { path, notClaimed: 'no boot structure for it' };
    if (path.startsWith('uefi') && loader === 'other') return { path, notClaimed: 'its UEFI loader is not for x86-64' };
    if (isSecure && loader !== 'signed') return { path, notClaimed: 'its UEFI loader is not signed' };
    return { path };
  });
};

const requireX86 = async (medium: Medium): Promise<void> => {
  const arch = (await identify(medium, [])).distribution?.arch ?? 'unknown';
  if (FOR_X86.test(arch)) return;
  throw new IngotError('media.other-architecture', `the medium is for ${arch}, and the machines are x86-64`, {
    where: medium.iso,
    hint: '`ingot media inspect` and `ingot media verify` look at media of every architecture.',
  });
};

/** `other`: only for processors of another kind. Whether there is a loader at all is left to the machine. */
const loaderOf = async (medium: Medium, signal?: AbortSignal): Promise<'signed' | 'unsigned' | 'other' | 'none'> => {
  const lba = medium.boot.elTorito.find(({ platform }) => platform === 'UEFI')?.lba;
  if (lba === undefined) return 'none';
  const image: FatImage = { path: medium.iso, offset: lba * BLOCK_SIZE };
  const files = await listFat(image, { signal });
  const loader = files.find((file) => file.toLowerCase() === LOADER);
  if (loader !== undefined) return isSigned(await readFat(image, loader, { signal })) ? 'signed' : 'unsigned';
  return files.some((file) => /^\/efi\/boot\/boot\w+\.efi$/i.test(file)) ? 'other' : 'none';
};
