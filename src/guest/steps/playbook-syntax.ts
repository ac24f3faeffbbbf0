/**
 * What ansible-playbook says of a playbook before any machine is started: roles and collections that this host lacks, and
 * mistakes in the files, would else end the build after the whole installation.
 */
import { dirname } from 'node:path';
import { IngotError } from '../../errors.ts';
import { lastLines } from '../../host/lines.ts';
import { run } from '../../host/run.ts';
import type { AnsibleStep } from '../../recipe/schema/configure-schema.ts';

/** Throws `guest.playbook-invalid`. A secret is not needed to read a playbook; a word stands for it. */
export const checkPlaybook = async (playbook: string, { variables }: AnsibleStep['ansible']): Promise<void> => {
  const known = Object.entries(variables).map(([name, value]) => [name, typeof value === 'object' ? 'secret' : value]);
  const args = [
    '--syntax-check',
    ...['--inventory', 'ingot-guest,'],
    ...['--extra-vars', JSON.stringify(Object.fromEntries(known))],
    playbook,
  ];
  const { exitCode, stdout, stderr } = await run('ansible-playbook', args, {
    cwd: dirname(playbook),
    env: { ANSIBLE_NOCOLOR: '1', ANSIBLE_DEPRECATION_WARNINGS: 'False', ANSIBLE_LOCALHOST_WARNING: 'False' },
    allow: [1, 2, 4, 5, 250],
    hint: 'apt-get install ansible-core',
  });
  if (exitCode === 0) return;
  const said = `${stdout}\n${stderr}`;
  throw new IngotError('guest.playbook-invalid', 'ansible-playbook does not accept the playbook', {
    where: playbook,
    detail: lastLines(said.trim(), 25),
    hint: /role '[^']*' was not found|couldn't resolve module\/action/i.test(said)
      ? 'Roles and collections are taken from this host: `ansible-galaxy install -r requirements.yml` brings them.'
      : 'Correct it; `ansible-playbook --syntax-check` says the same.',
  });
};
