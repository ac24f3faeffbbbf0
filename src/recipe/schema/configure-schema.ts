/** The steps that run over SSH between the first boot and sealing. */
import { z } from 'zod';
import { accountName, durationField, guestPath, hostPath, secretReference, text } from './field-values.ts';

const name = z.string().min(1).optional().meta({ description: 'Shown while the step runs.' });
const checkpoint = z.boolean().optional().meta({
  description:
    'true: save the running machine after this step, even when a secret was used; false: never. Absent: when the steps since the last checkpoint took longer than saving does, and no secret was used.',
});
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const copyStep = z
  .strictObject({
    name,
    checkpoint,
    copy: z
      .strictObject({
        from: hostPath.optional().meta({ description: 'File or folder beside the recipe.' }),
        content: z
          .union([z.string(), secretReference])
          .optional()
          .meta({ description: 'The text itself, or a secret.' }),
        to: guestPath.meta({ description: 'Where it goes in the guest; a folder when `from` is one.' }),
        owner: text(/^[a-z_][a-z0-9_.-]*(:[a-z_][a-z0-9_.-]*)?$/, 'user or user:group')
          .default('root:root')
          .meta({ description: 'Owner of what is copied.' }),
        mode: text(/^[0-7]{3,4}$/, 'an octal mode, quoted: "0644"')
          .optional()
          .meta({ description: "Octal mode, quoted; the file's own when absent." }),
        template: z
          .boolean()
          .default(false)
          .meta({ description: 'Render as EJS with the recipe variables (`variables.name`).' }),
      })
      .refine(
        (copy) => (copy.from === undefined) !== (copy.content === undefined),
        'either `from` or `content`, exactly one',
      )
      .meta({ description: 'What is copied, and where to.' }),
  })
  .meta({ description: 'Copies a file, a folder or a text into the guest.' });

const runStep = z
  .strictObject({
    name,
    checkpoint,
    run: z
      .strictObject({
        script: z.string().min(1).optional().meta({ description: 'Inline script (`sh -e` unless it begins with #!).' }),
        file: hostPath.optional().meta({ description: 'Script file beside the recipe.' }),
        user: accountName.default('root').meta({ description: 'User that runs it.' }),
        env: z
          .record(
            text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
            z.union([z.string(), secretReference]),
          )
          .default({})
          .meta({ description: 'Environment; a value may be a secret.' }),
        cwd: guestPath.optional().meta({ description: "Working folder; the user's home when absent." }),
        exitCodes: z
          .array(z.int().min(0).max(255))
          .min(1)
          .default([0])
          .meta({ description: 'Exit statuses that mean success.' }),
        timeout: durationField
          .default(30 * 60_000)
          .meta({ description: 'Limit for the whole script, 30m when absent.' }),
      })
      .refine(
        (run) => (run.script === undefined) !== (run.file === undefined),
        'either `script` or `file`, exactly one',
      )
      .meta({ description: 'What is run, and how.' }),
  })
  .meta({ description: 'Runs a script in the guest.' });

const ansibleStep = z
  .strictObject({
    name,
    checkpoint,
    ansible: z
      .strictObject({
        playbook: hostPath.meta({ description: 'Playbook beside the recipe.' }),
        variables: z
          .record(z.string(), z.union([scalar, secretReference]))
          .default({})
          .meta({ description: 'Extra variables; a value may be a secret.' }),
        tags: z
          .array(text(/^[^\s,]+$/, 'a tag without blanks and commas'))
          .default([])
          .meta({ description: 'Only these tags.' }),
        timeout: durationField
          .default(60 * 60_000)
          .meta({ description: 'Limit for the whole playbook, 1h when absent.' }),
      })
      .meta({ description: 'Which playbook, and how.' }),
  })
  .meta({ description: "Runs a playbook with the host's ansible-playbook." });

const rebootStep = z
  .strictObject({
    name,
    checkpoint,
    reboot: z
      .strictObject({
        timeout: durationField
          .default(5 * 60_000)
          .meta({ description: 'Limit until SSH answers again, 5m when absent.' }),
      })
      .meta({ description: 'How the guest is booted again; {} for the defaults.' }),
  })
  .meta({ description: 'Boots the guest again and waits for SSH.' });

export const configureStep = z.union([copyStep, runStep, ansibleStep, rebootStep]);
export type ConfigureStep = z.output<typeof configureStep>;
export type CopyStep = z.output<typeof copyStep>;
export type RunStep = z.output<typeof runStep>;
export type AnsibleStep = z.output<typeof ansibleStep>;
export type RebootStep = z.output<typeof rebootStep>;
