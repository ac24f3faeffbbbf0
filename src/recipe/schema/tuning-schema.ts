/** What makes an installation quick and leaves the installed system as it is; each can be left out. */
import { z } from 'zod';

export const TUNINGS = ['unpacked-packages', 'one-processor', 'kernel-arguments', 'quick-scripts'] as const;

export const tuningSchema = z
  .strictObject({
    skip: z
      .array(z.enum(TUNINGS))
      .default([])
      .meta({ description: 'Tunings of the installation to leave out; docs/performance.md lists them.' }),
  })
  .meta({ description: 'What makes the installation quick; the result is the same without it.' });
