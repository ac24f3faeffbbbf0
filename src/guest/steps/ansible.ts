/**
 * The `ansible` step: the host's ansible-playbook against the same guest, with the same pinned host keys. Key,
 * inventory and variables lie in a 0700 folder that is gone afterwards.
 */
import { chmod, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type PackageFailure, packageFailed, packageFailure } from '../../diagnosis/package-failure.ts';
import { IngotError, messageOf } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { cutLine, lastLines } from '../../host/lines.ts';
import { run } from '../../host/run.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { AnsibleStep } from '../../recipe/schema/configure-schema.ts';
import type { ConnectOptions } from '../open.ts';
import { proxyCommand } from '../proxy-command.ts';
import { relayToDoors } from '../relay.ts';
import { GUEST_FOLDER, type StepContext } from './step-context.ts';

/** Name of the guest in known_hosts and in the inventory. */
const ALIAS = 'ingot-guest';

export const ansible = async ({ ansible: step }: AnsibleStep, context: StepContext): Promise<void> => {
  await using temporary = await temporaryFolder('ingot-ansible-');
  await using way = await wayFor(context.session.options, temporary.path);
  const playbook = hostFile(context.folder, step.playbook);
  await writeFiles(temporary.path, way.settings, step, context);
  const lines: string[] = [];
  let failure: PackageFailure | undefined;
  const args = ansibleArguments(temporary.path, playbook, step);
  try {
    await run('ansible-playbook', args, {
      cwd: dirname(playbook),
      env: ansibleEnvironment(temporary.path),
      timeout: step.timeout * context.factor,
      signal: context.signal,
      hint: 'apt-get install ansible-core',
      keepsEnd: true,
      onLine(line) {
        // apt's module hands out what apt said as one string.
        failure = packageFailure(context.secrets.redact(line).split('\\n')) ?? failure;
        const shown = cutLine(context.secrets.redact(line));
        if (lines.push(shown) > 25) lines.shift();
        context.reporter.line(shown);
      },
    });
  } catch (cause) {
    if (!(cause instanceof IngotError) || cause.code !== 'host.command-failed') throw cause;
    if (failure !== undefined) throw packageFailed(`the playbook failed: ${messageOf(cause)}`, failure, playbook);
    throw new IngotError('guest.playbook-failed', `the playbook failed: ${messageOf(cause)}`, {
      where: playbook,
      detail: lastLines(lines.join('\n'), 25),
      hint: lines.some((line) => line.includes('No module named'))
        ? 'The guest’s Python is incomplete: add `python3` to answers.packages.'
        : 'The task that failed is above. `ingot shell` starts the machine as the playbook left it.',
    });
  } finally {
    const master = ['-F', join(temporary.path, 'ssh_config'), '-O', 'exit', ALIAS];
    await run('ssh', master, { allow: [255], timeout: 10_000 }).catch(() => undefined);
  }
};

/** Where the guest is for OpenSSH's client: settings of ssh_config(5). */
const wayFor = async (options: ConnectOptions, folder: string) => {
  if (!('door' in options)) {
    const settings = ['HostName 127.0.0.1', `Port ${options.port}`];
    return { settings, async [Symbol.asyncDispose]() {} };
  }
  const relay = await relayToDoors(options.spare, join(folder, 'door.sock'));
  return {
    settings: [`ProxyCommand ${proxyCommand(join(folder, 'door.sock'))}`],
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
};

const writeFiles = async (
  folder: string,
  way: readonly string[],
  step: AnsibleStep['ansible'],
  context: StepContext,
): Promise<void> => {
  const { hostKeys, key, user = 'root' } = context.session.options;
  const variables = Object.entries(step.variables).map(([name, value]) => [
    name,
    typeof value === 'object' ? context.secrets.get(value) : value,
  ]);
  const files = {
    key: key.privateKey,
    known_hosts: hostKeys.map((line) => `${ALIAS} ${line}\n`).join(''),
    ssh_config: sshConfig(folder, way),
    inventory: `${ALIAS} ansible_user=${user} ansible_python_interpreter=auto_silent\n`,
    'variables.json': JSON.stringify(Object.fromEntries(variables)),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    await chmod(join(folder, name), 0o600);
  }
};

export const ansibleArguments = (
  folder: string,
  playbook: string,
  { tags }: Pick<AnsibleStep['ansible'], 'tags'>,
): string[] => [
  ...['--inventory', join(folder, 'inventory')],
  ...['--private-key', join(folder, 'key')],
  ...['--extra-vars', `@${join(folder, 'variables.json')}`],
  ...(tags.length > 0 ? ['--tags', tags.join(',')] : []),
  playbook,
];

/** No host key but the pinned ones, and no configuration of the person who runs the build. */
export const sshConfig = (folder: string, way: readonly string[]): string =>
  [
    ...way,
    `UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    'GlobalKnownHostsFile /dev/null',
    `HostKeyAlias ${ALIAS}`,
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'IdentitiesOnly yes',
    'IdentityAgent none',
    'ServerAliveInterval 15',
    'ServerAliveCountMax 8',
    'ControlMaster auto',
    'ControlPersist 60s',
    `ControlPath ${join(folder, 'm')}`,
    '',
  ].join('\n');

export const ansibleEnvironment = (folder: string): Record<string, string> => ({
  ANSIBLE_HOST_KEY_CHECKING: 'True',
  ANSIBLE_SSH_ARGS: `-F ${join(folder, 'ssh_config')}`,
  ANSIBLE_HOME: join(folder, 'home'),
  ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
  ANSIBLE_REMOTE_TEMP: `${GUEST_FOLDER}/ansible`,
  ANSIBLE_PIPELINING: 'True',
  ANSIBLE_TIMEOUT: '60',
  ANSIBLE_NOCOLOR: '1',
  ANSIBLE_RETRY_FILES_ENABLED: 'False',
  ANSIBLE_DEPRECATION_WARNINGS: 'False',
});
