/** Packages that a recipe adds to a Debian medium: .debs of the user's, and packages of further apt repositories. */
import { z } from 'zod';
import { hasNoLogin, hostPath, NO_LOGIN, text, versionWish } from './field-values.ts';

const install = z.boolean().default(true).meta({
  description: 'Whether the installer installs them; if not, they lie there for configure steps.',
});

const localDebs = z
  .strictObject({
    deb: hostPath.meta({ description: 'A .deb beside the recipe, or a pattern for several: vendor/*.deb.' }),
    install,
  })
  .meta({ description: '.debs of the host.' });

const aptRepository = z.strictObject({
  url: z
    .url({ protocol: /^(https?|file)$/, error: 'a URL of an apt repository (http, https or file)' })
    .refine(hasNoLogin, NO_LOGIN)
    .meta({ description: 'Base address of the repository, the one above dists/.' }),
  suite: text(/^[^\s]+$/, 'a suite such as bookworm, or a folder such as ./').meta({
    description: 'Its suite: bookworm; a folder that ends in a slash for a repository without suites: ./',
  }),
  components: z
    .array(text(/^[^\s]+$/, 'a component such as main'))
    .min(1)
    .default(['main'])
    .meta({ description: 'Components: main, non-free-firmware. A folder has none.' }),
  key: hostPath.meta({ description: 'OpenPGP keyring file beside the recipe, with the key that signs it.' }),
});

const fromRepository = z
  .strictObject({
    repository: aptRepository.meta({ description: 'An apt repository, its signature checked with its own key.' }),
    packages: z.array(versionWish).default([]).meta({
      description:
        'Packages to take from it, the newest or a named version (NAME=5.*). An empty list: only what other packages depend on.',
    }),
    install,
  })
  .meta({ description: 'Packages of an apt repository.' });

export const mediaPackages = z
  .array(z.union([localDebs, fromRepository]))
  .default([])
  .meta({
    description: 'Packages that are added to a Debian medium, with what they depend on and the medium does not have.',
  });
