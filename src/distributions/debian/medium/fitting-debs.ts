/** How a medium of Debian is recognized, and whether its packages are enough. */
import { basename } from 'node:path/posix';
import { IngotError } from '../../../errors.ts';
import type { MediumOf } from '../../../media/fitting.ts';
import type { Medium } from '../../../media/iso/medium.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { ASSEMBLED } from '../../../recipe/values/debian-releases.ts';
import { requestedPackages } from '../archive/implied.ts';

export const knownBy = ({ release, arch }: Recipe['os']): MediumOf => ({
  title: `Debian ${release} for ${arch}`,
  distribution: /^Debian$/,
  release,
  arch,
});

export const requireDebs = ({ files, iso }: Medium, recipes: readonly Recipe[], added: ReadonlySet<string>): void => {
  const there = new Set([...files.keys()].filter((path) => path.endsWith('.deb')).map(packageOf));
  const needed = new Set(recipes.flatMap((recipe) => requestedPackages(recipe).install.map(({ name }) => name)));
  const missing = [...needed].filter((name) => !there.has(name) && !added.has(name));
  if (missing.length === 0) return;
  const isAssembled = recipes.every(({ os }) => ASSEMBLED.includes(os.release));
  throw new IngotError('media.packages-missing', `the ISO does not have ${missing.length} packages that are needed`, {
    where: iso,
    detail: missing.join(' '),
    hint: `Name a mirror that has them (\`origin.mirror\`), put them on the medium (\`media.packages\`), or ${isAssembled ? ASSEMBLE : 'take a medium with more packages (a DVD)'}.`,
  });
};

const ASSEMBLE = 'let `origin: {assemble: debian}` make a medium that has what it needs';

/** `pool/main/h/htop/htop_3.2.2-2_amd64.deb` → htop */
const packageOf = (path: string): string => basename(path).split('_')[0] ?? '';
