/** The image as a whole: its size, its age, where it came from, and what other checks say of it. */
import { z } from 'zod';
import { text } from '../../recipe/schema/field-values.ts';
import { bytes, forbidden, globs } from './fields.ts';

export const size = z
  .strictObject({
    image: bytes.optional().meta({ description: 'The most that the image file may take.' }),
    installed: bytes.optional().meta({ description: 'The most that all files of the system may take.' }),
    logs: bytes.optional().meta({ description: 'The most that /var/log may take.' }),
  })
  .meta({ description: 'How large it may be.' });

export const age = z
  .strictObject({ most: text(/^\d+d$/, 'a number of days: 90d') })
  .meta({ description: 'How old the image may be, from the time in its manifest.' });

export const origin = z
  .strictObject({
    proof: z.enum(['signed', 'sums', 'pinned']).optional().meta({
      description: 'How the origin has to be proved: signed by its publisher, by unsigned sums, or pinned by a digest.',
    }),
    standIns: forbidden.optional().meta({ description: "No component of Ingot took the place of the installer's." }),
    families: globs('Families of systems that are allowed: debian.').optional(),
    releases: globs('Releases that are allowed: "12", "13".').optional(),
  })
  .meta({ description: 'Where it came from, as the manifest beside the image says.' });

export const tests = z
  .strictObject({
    require: globs(
      'Results that have to be there, each of which has to hold, by their names in tests.json; `*` stands for any letters: "clones: *". A skipped test is no pass.',
    ),
  })
  .meta({ description: 'Tests of the image that must have run.' });

export const trust = z
  .strictObject({
    unexplained: forbidden.meta({
      description:
        'Signed packages, known rules or steps account for every file: nothing is unexplained, and nothing was not judged.',
    }),
  })
  .meta({
    description: 'What accounts for the files of the image (docs/trust.md), judged in a build and by `ingot verify`.',
  });
