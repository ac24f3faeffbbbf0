/** Whether an install ISO is the one that a recipe is about: its system, and the packages that the answers need. */
import { basename } from 'node:path/posix';
import { IngotError } from '../errors.ts';
import { ASSEMBLED } from '../recipe/debian-releases.ts';
import { type Identity, identify } from './identify.ts';
import { type Medium, readMedium } from './iso/medium.ts';
import { menuEntries, readBootMenus, requireMenus } from './menus/boot-menus.ts';

type Family = 'debian' | 'redhat' | 'fedora';

export interface Wanted {
  /** `arch` as Debian calls it. */
  readonly os: { readonly family: Family; readonly release: string; readonly arch: string };
  /** Debian's that the medium must have; undefined where the installer gets packages from a mirror, of either family. */
  readonly packages: readonly string[] | undefined;
}

/** Throws `media.other-system` or `media.packages-missing`, or what reading a medium throws. */
export const requireFitting = async (iso: string, { os, packages }: Wanted, signal?: AbortSignal): Promise<void> => {
  const medium = await readMedium(iso, signal);
  const menus = await readBootMenus(medium, signal);
  requireMenus(medium, menus);
  const identity = await identify(medium, [...menuEntries(menus).values()].flat());
  const { distribution, diskInfo } = identity;
  if (!fits(identity, os)) {
    const found = distribution && `${distribution.name} ${distribution.release} ${distribution.arch}`;
    throw new IngotError('media.other-system', `the ISO is not ${NAMES[os.family]} ${os.release} for ${os.arch}`, {
      where: iso,
      detail: diskInfo ?? found ?? `its installer: ${identity.installer}`,
      hint: 'origin.iso and os have to be about the same system.',
    });
  }
  if (packages === undefined) return;
  if (os.family === 'debian') requireDebs(medium, packages, os.release);
  else requireRpms(medium);
};

const NAMES: Readonly<Record<Family, string>> = {
  debian: 'Debian',
  redhat: 'of the RHEL family, release',
  fedora: 'Fedora',
};

const DISTRIBUTIONS: Readonly<Record<Family, RegExp>> = {
  debian: /^Debian$/,
  redhat: /^(Red Hat Enterprise Linux|CentOS|AlmaLinux|Rocky|Oracle Linux)/,
  fedora: /^Fedora/,
};

/** What a medium that does not say its architecture, or is for several, says. */
const ANY_ARCH = ['multi-arch', 'unknown'];
const RPM_ARCH: Readonly<Record<string, string>> = { amd64: 'x86_64' };

/** A medium of one's own making may not tell its distribution; kickstart files are nevertheless for Anaconda alone. */
const fits = ({ distribution, installer }: Identity, { family, release, arch }: Wanted['os']): boolean => {
  if (family !== 'debian' && installer !== 'anaconda') return false;
  if (distribution === undefined) return true;
  const archs = [family === 'debian' ? arch : (RPM_ARCH[arch] ?? arch), ...ANY_ARCH];
  return (
    DISTRIBUTIONS[family].test(distribution.name) &&
    distribution.release.split('.')[0] === release &&
    archs.includes(distribution.arch)
  );
};

const requireDebs = ({ files, iso }: Medium, packages: readonly string[], release: string): void => {
  const there = new Set([...files.keys()].filter((path) => path.endsWith('.deb')).map(packageOf));
  const missing = packages.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  throw new IngotError('media.packages-missing', `the ISO does not have ${missing.length} packages that are needed`, {
    where: iso,
    detail: missing.join(' '),
    hint: `Name a mirror that has them (\`origin.mirror\`), put them on the medium (\`media.packages\`), or ${ASSEMBLED.includes(release) ? ASSEMBLE : 'take a medium with more packages (a DVD)'}.`,
  });
};

const ASSEMBLE = 'let `origin: {assemble: debian}` make a medium that has what it needs';

/** `pool/main/h/htop/htop_3.2.2-2_amd64.deb` → htop */
const packageOf = (path: string): string => basename(path).split('_')[0] ?? '';

/** Which ones are needed only Anaconda can tell: what a recipe names may be a group, or what a package provides. */
const requireRpms = ({ files, iso }: Medium): void => {
  if ([...files.keys()].some((path) => path.endsWith('.rpm'))) return;
  throw new IngotError('media.packages-missing', 'the ISO has an installer, but no packages', {
    where: iso,
    hint: 'The answers install from the medium: take the DVD instead of the boot ISO, or name the address of an install tree (`origin.mirror`).',
  });
};
