/** The RHEL family and Fedora, by Anaconda. */
import { IngotError } from '../../errors.ts';
import type { MediumOf } from '../../media/fitting.ts';
import type { Medium } from '../../media/iso/medium.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { Distribution } from '../distribution.ts';
import { renderForAnaconda } from './answers/render.ts';

const ARCHITECTURES: Readonly<Record<Recipe['os']['arch'], string>> = { amd64: 'x86_64' };

/** Only Anaconda knows which ones are needed: what a recipe names may be a group, or what a package provides. */
const requireRpms = ({ files, iso }: Medium): void => {
  if ([...files.keys()].some((path) => path.endsWith('.rpm'))) return;
  throw new IngotError('media.packages-missing', 'the ISO has an installer, but no packages', {
    where: iso,
    hint: 'The answers install from the medium: take the DVD instead of the boot ISO, or name the address of an install tree (`origin.mirror`).',
  });
};

const KICKSTART = 'ks.cfg';

const anaconda = (known: (os: Recipe['os']) => Pick<MediumOf, 'title' | 'distribution'>): Distribution => ({
  answers: {
    file: KICKSTART,
    render: renderForAnaconda,
    hosts: {
      // Ingot's own kickstart is the same for all. The file that Anaconda reads stops the installation until a host is known.
      own: ({ path }) => path === KICKSTART,
      callers: [
        ['40-ingot-host.sh', 'lib/dracut/hooks/pre-pivot/40-ingot-host.sh', 0o755],
        ['stop.ks', KICKSTART, 0o600],
      ],
    },
    needMirrors: false,
    // The kickstart alone: Ingot's own one reports the installation to a build, and here there is none.
    onVolume: ({ initrd }) =>
      initrd.flatMap(({ path, content }) => (path === KICKSTART ? [{ name: path, content }] : [])),
  },
  medium: {
    // Kickstart files are for Anaconda alone, whoever made the medium.
    knownBy: (os) => ({
      ...known(os),
      release: os.release,
      arch: ARCHITECTURES[os.arch],
      installer: 'anaconda',
    }),
    requirePackages: requireRpms,
    // They are a part of what is rendered.
    hooks: async () => [],
    // There is no `---`: the kickstart's bootloader command has the arguments of the installed system.
    menuArguments: () => [],
  },
  netboot: { isFetched: true },
  image: {
    releases: [],
    // No machine of theirs is sealed yet.
    seal: async () => [],
    refusal: ({ family }) => ({
      message: `no image of ${family} is built yet, only its install medium`,
      where: 'os.family',
      detail: 'Anaconda is not watched while it installs, and configure and sealing know only Debian.',
      hint: '`ingot media` makes the install medium, `ingot render` prints ks.cfg and what goes with it.',
    }),
  },
});

export const REDHAT: Distribution = anaconda(({ release, arch }) => ({
  title: `of the RHEL family, release ${release} for ${arch}`,
  distribution: /^(Red Hat Enterprise Linux|CentOS|AlmaLinux|Rocky|Oracle Linux)/,
}));

export const FEDORA: Distribution = anaconda(({ release, arch }) => ({
  title: `Fedora ${release} for ${arch}`,
  distribution: /^Fedora/,
}));
