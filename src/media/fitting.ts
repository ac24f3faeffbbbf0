/** Whether an install ISO is the one that a recipe is about: its system, and the packages that the answers need. */
import { basename } from 'node:path/posix';
import { IngotError } from '../errors.ts';
import { identify } from './identify.ts';
import { readMedium } from './iso/medium.ts';
import { menuEntries, readBootMenus, requireMenus } from './menus/boot-menus.ts';

export interface Wanted {
  readonly os: { readonly release: string; readonly arch: string };
  /** Installed from the medium; nothing else can be, since the installer has no network. */
  readonly packages: readonly string[];
}

/** Throws `media.other-system` or `media.packages-missing`, or what reading a medium throws. */
export const requireFitting = async (iso: string, { os, packages }: Wanted, signal?: AbortSignal): Promise<void> => {
  const medium = await readMedium(iso, signal);
  const menus = await readBootMenus(medium, signal);
  requireMenus(medium, menus);
  const { distribution, diskInfo } = await identify(medium, [...menuEntries(menus).values()].flat());
  if (distribution !== undefined && !fits(distribution, os)) {
    throw new IngotError('media.other-system', `the ISO is not Debian ${os.release} for ${os.arch}`, {
      where: iso,
      detail: diskInfo ?? `${distribution.name} ${distribution.release} ${distribution.arch}`,
      hint: 'origin.iso and os have to be about the same system.',
    });
  }
  const there = new Set([...medium.files.keys()].filter((path) => path.endsWith('.deb')).map(packageOf));
  const missing = packages.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  throw new IngotError('media.packages-missing', `the ISO does not have ${missing.length} packages that are needed`, {
    where: iso,
    detail: missing.join(' '),
    hint: 'The installation takes everything from the medium. `origin: {assemble: debian}` makes one that has what it needs.',
  });
};

const fits = ({ name, release, arch }: { name: string; release: string; arch: string }, os: Wanted['os']): boolean =>
  name === 'Debian' && release.split('.')[0] === os.release && [os.arch, 'multi-arch', 'unknown'].includes(arch);

/** `pool/main/h/htop/htop_3.2.2-2_amd64.deb` → htop */
const packageOf = (path: string): string => basename(path).split('_')[0] ?? '';
