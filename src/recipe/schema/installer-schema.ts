/** The finished system's time servers, its package sources; what the installer does about firmware. */
import { z } from 'zod';
import { hasNoLogin, hostPath, NO_LOGIN, text } from './field-values.ts';

/** As hw-detect calls it (hw-detect/firmware-lookup). */
export const FIRMWARE = ['never', 'missing', 'always'] as const;

export const repository = z
  .strictObject({
    name: text(/^[a-z0-9][a-z0-9_-]*$/, 'a-z 0-9 _ -').meta({ description: 'A short name, for you.' }),
    uris: z
      .array(z.url({ protocol: /^https?$/, error: 'an http or https URL' }).refine(hasNoLogin, NO_LOGIN))
      .min(1)
      .meta({ description: 'Base addresses of the archive.' }),
    suites: z
      .array(text(/^[^\s]+$/, 'a suite such as bookworm'))
      .default([])
      .meta({ description: 'Suites: bookworm, bookworm-updates. None for Anaconda.' }),
    components: z
      .array(text(/^[^\s]+$/, 'a component such as main'))
      .min(1)
      .default(['main'])
      .meta({ description: 'Components: main, non-free-firmware.' }),
    key: hostPath.optional().meta({ description: "OpenPGP keyring file beside the recipe; Debian's own when absent." }),
  })
  .meta({ description: 'One package source of the finished system.' });

export type Repository = z.output<typeof repository>;

export const ntpServer = text(
  /^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/,
  'the name or address of a time server such as ntp.example.org',
);
