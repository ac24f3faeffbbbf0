/** What configuration files say. */
import { z } from 'zod';
import { text } from '../../recipe/schema/field-values.ts';

const value = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)]);

export const settings = z
  .strictObject({
    sshd: z.record(z.string(), value).optional().meta({
      description:
        "What sshd's configuration says for everybody (sshd_config(5)); a list names all values that are allowed.",
    }),
    sysctl: z.record(z.string(), value).optional().meta({
      description: 'What sysctl.d(5) sets: {net.ipv4.ip_forward: 0}. A setting that no file makes does not hold.',
    }),
    mounts: z
      .record(text(/^\//, 'an absolute path'), z.array(z.string().min(1)).min(1))
      .optional()
      .meta({
        description: 'Options that a file system of fstab or of a mount unit has to have: {/tmp: [nodev, nosuid]}.',
      }),
  })
  .meta({ description: 'What configuration files say.' });
