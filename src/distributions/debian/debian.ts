/** Debian, by debian-installer. */

import type { Distribution } from '../distribution.ts';
import { renderForDebian } from './answers/render.ts';
import { impliedPackages } from './archive/implied.ts';
import { knownBy, requireDebs } from './medium/fitting-debs.ts';

const IMAGES = ['12', '13'];

export const DEBIAN: Distribution = {
  answers: {
    file: 'preseed.cfg',
    render: renderForDebian,
    hosts: { callers: [['S11ingot-host', 'lib/debian-installer-startup.d/S11ingot-host', 0o755]] },
    needMirrors: true,
    implied: impliedPackages,
  },
  medium: {
    knownBy,
    requirePackages: requireDebs,
    hooks: async () => (await import('./medium/installer-hooks.ts')).installerHooks(),
    cardDrivers: async (iso, options) => (await import('./medium/card-drivers.ts')).cardDrivers(iso, options),
    // A boot loader would read quotation marks as its own; the installed system gets its arguments from Ingot's hook.
    menuArguments: (words) => words.filter((word) => !word.includes('"')),
  },
  netboot: { isFetched: false },
  image: {
    releases: IMAGES,
    refusal: ({ release }) => ({
      message: `no image of Debian ${release} is built yet, only its install medium`,
      where: 'os.release',
      detail: `Nobody has seen its installation yet. Images are built of: ${IMAGES.map((name) => `"${name}"`).join(', ')}.`,
      hint: '`ingot media` makes the install medium.',
    }),
    installer: async () => (await import('./installer.ts')).INSTALLER,
    seal: async () => (await import('./seal-units.ts')).DEBIAN_SEAL,
    system: async () => (await import('./system/captured-system.ts')).SYSTEM,
    slim: async () => (await import('./slim/slimming.ts')).SLIMMING,
    adoption: async () => (await import('./adopted/adoption.ts')).ADOPTION,
    updates: async () => (await import('./updates/updates.ts')).UPDATES,
  },
};
