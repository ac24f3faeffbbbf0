/** Just enough: what is taken out of a system besides what sealing removes, and how large it may be. All off by default. */
import { z } from 'zod';
import { size, text } from './field-values.ts';

/** Of every family; which of them a family has, its rules say. */
export const STRIPS = [
  'manual-pages',
  'documentation',
  'locales',
  'python-byte-code',
  'old-kernels',
  'cloud-kernel',
  'firmware',
  'cloud-agents',
  'snapd',
  'reporters',
  'desktop-services',
  'unneeded',
  'recommended',
] as const;

export type Strip = (typeof STRIPS)[number];

export const slimSchema = z
  .strictObject({
    remove: z
      .array(text(/^[A-Za-z0-9][A-Za-z0-9+._-]*$/, 'the name of a package'))
      .default([])
      .meta({
        description:
          'Packages that are purged after the last step, with what needs them. What is not installed is no error.',
      }),
    strip: z
      .array(z.enum(STRIPS))
      .default([])
      .meta({ description: 'Strips by name; docs/slim.md lists them, with what each takes away and its risk.' }),
    budget: z
      .strictObject({
        image: size.optional().meta({
          description: 'The most that the image file may take: 300M. Of the qcow2 one where there is one.',
        }),
        packages: z.int().min(1).optional().meta({ description: 'The most packages that may be installed.' }),
        installed: size.optional().meta({ description: 'The most that all files of the system may take: 500M.' }),
      })
      .prefault({})
      .meta({ description: 'What the image may not exceed; the build fails when it does, and says by what.' }),
  })
  .meta({ description: 'Just enough: packages and files that are left out of the image, and a limit for the rest.' });
