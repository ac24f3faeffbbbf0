/** What a machine of an image of test/images must do: its expect.yaml. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const expectationSchema = z.strictObject({
  /** Units that may fail in a machine that has nothing but the image, each with the reason. */
  failed: z.record(z.string(), z.string()).default({}),
  /** Run as the image's user, one after the other in one folder; `says` is a pattern of all that it writes. */
  commands: z
    .array(
      z.strictObject({
        run: z.string(),
        says: z.coerce.string(),
        shell: z.enum(['sh', 'bash']).default('sh'),
        /** What for it needs a machine with its own kernel, where a container is not enough. */
        machine: z.string().optional(),
      }),
    )
    .min(1),
});
export type Expectation = z.output<typeof expectationSchema>;

/** Of the image in a folder. */
export const expectationOf = async (folder: string): Promise<Expectation> =>
  expectationSchema.parse(parse(await readFile(join(folder, 'expect.yaml'), 'utf8')));
