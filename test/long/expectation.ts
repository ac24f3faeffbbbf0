/** What a machine of an image of test/images must do: its expect.yaml. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Session } from '../../src/guest/session.ts';
import { shellQuote } from '../../src/host/command-line.ts';

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

/** A machine that does what its image must: no other unit fails, dpkg finds nothing, each command says what it has to. */
export const keepsTo = async (t: Test, session: Session, { failed, commands }: Expectation): Promise<void> => {
  await said(session, 'systemctl is-system-running --wait');
  const units = await said(session, 'systemctl list-units --failed --plain --no-legend | cut -d" " -f1');
  for (const unit of units.split('\n').filter((one) => one !== '' && !(one in failed)))
    t.fail(`${unit} has failed`, { log: await said(session, `sudo journalctl -b --no-pager -n 30 -u ${unit}`) });
  t.equal(await said(session, 'sudo dpkg --audit'), '');
  for (const { run, says, shell } of commands)
    t.match(
      await said(session, `mkdir -p ~/looks && cd ~/looks && ${shell} -c ${shellQuote(run)}`),
      new RegExp(says, 'm'),
      run,
    );
};

const said = async (session: Session, command: string): Promise<string> => {
  const { stdout, stderr } = await session.exec(command);
  return `${stdout}${stderr}`.trim();
};
