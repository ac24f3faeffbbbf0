/** The steps that run over SSH between the first boot and sealing. */
import { z } from 'zod';
import { duration, guestPath, secretReference, userName } from './values.ts';

const name = z.string().min(1).optional().meta({ description: 'Shown while the step runs.' });
const mode = z.string().regex(/^[0-7]{3,4}$/, 'an octal mode, quoted: "0644"');
const owner = z.string().regex(/^[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?$/, 'user or user:group');

const copyStep = z.strictObject({
  name,
  copy: z.strictObject({
    from: z.string().min(1).optional().meta({ description: 'File or folder beside the recipe.' }),
    content: z.union([z.string(), secretReference]).optional().meta({ description: 'The text itself, or a secret.' }),
    to: guestPath,
    owner: owner.default('root:root'),
    mode: mode.optional(),
    template: z.boolean().default(false).meta({ description: 'Render as EJS with the recipe variables.' }),
  }),
});

const runStep = z.strictObject({
  name,
  run: z.strictObject({
    script: z.string().min(1).optional().meta({ description: 'Inline shell script (sh -e unless it begins with #!).' }),
    file: z.string().min(1).optional().meta({ description: 'Script file beside the recipe.' }),
    user: userName.default('root'),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([z.string(), secretReference])).default({}),
    cwd: guestPath.optional(),
    exitCodes: z.array(z.int().min(0).max(255)).default([0]),
    timeout: duration.default(30 * 60_000),
  }),
});

const ansibleStep = z.strictObject({
  name,
  ansible: z.strictObject({
    playbook: z.string().min(1),
    variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), secretReference])).default({}),
    tags: z.array(z.string()).default([]),
    timeout: duration.default(60 * 60_000),
  }),
});

const rebootStep = z.strictObject({ name, reboot: z.strictObject({ timeout: duration.default(5 * 60_000) }) });

export const configureStep = z.union([copyStep, runStep, ansibleStep, rebootStep]);
export type ConfigureStep = z.output<typeof configureStep>;
export type CopyStep = z.output<typeof copyStep>;
export type RunStep = z.output<typeof runStep>;
export type AnsibleStep = z.output<typeof ansibleStep>;
export type RebootStep = z.output<typeof rebootStep>;
