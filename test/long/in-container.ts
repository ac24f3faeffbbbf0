/**
 * The base system of `installer-root.ts`, started as a container: its own systemd on this host's kernel. So the services of an image
 * are tried in a minute, where a machine takes half an hour. What needs a kernel of its own is not tried.
 */
import { access, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shellQuote } from '../../src/host/command-line.ts';
import { run } from '../../src/host/run.ts';

/** Why there are none here, or false. */
export const noContainers = async (): Promise<string | false> => {
  const tried = await run('sh', ['-c', 'command -v systemd-nspawn'], { allow: [1, 127] });
  return tried.exitCode !== 0 && 'this host has no systemd-nspawn (systemd-container)';
};

export interface Tried {
  /** Units that failed. */
  readonly failed: readonly string[];
  /** What each command said, in their order. */
  readonly said: readonly string[];
}

const MARK = '----- ingot-look -----';

/** `setup` runs as root once the system is up, then the commands as a user of the name, who may become root. */
export const inContainer = async (
  target: string,
  {
    hostname,
    user,
    setup,
    commands,
  }: Readonly<Record<'hostname' | 'user' | 'setup', string>> & {
    readonly commands: readonly string[];
  },
): Promise<Tried> => {
  const looks = commands.map((command) => `echo '${MARK}'\n${command} 2>&1 < /dev/null || true\n`).join('');
  await run('chroot', [target, 'useradd', '--create-home', '--shell', '/bin/bash', user]);
  const files = {
    'etc/sudoers.d/90-look': `${user} ALL=(ALL:ALL) NOPASSWD:ALL\n`,
    'opt/look/setup': `set -e\n${setup}\n`,
    'opt/look/looks': looks,
    'opt/look/all': ALL(user),
    'etc/systemd/system/look.service': SERVICE,
    'etc/systemd/system/look.timer': TIMER,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await writeFile(join(target, name), content);
  }
  await symlink('../look.timer', join(target, 'etc/systemd/system/timers.target.wants/look.timer'));
  await run('sh', ['-euc', START, 'sh', target, hostname], { timeout: 10 * 60_000 });
  await access(join(target, 'opt/look/said'));
  const [units = '', ...said] = (await readFile(join(target, 'opt/look/said'), 'utf8')).split(`${MARK}\n`);
  return { failed: units.split('\n').filter((unit) => unit !== ''), said: said.map((text) => text.trim()) };
};

/** The setup's own words go to its file, where a person finds them. */
const ALL = (user: string): string => `systemctl is-system-running --wait > /dev/null
sh /opt/look/setup > /opt/look/setup.log 2>&1 || { echo 'the setup failed'; cat /opt/look/setup.log; }
systemctl list-units --failed --plain --no-legend | cut -d' ' -f1
runuser -l ${user} -s /bin/sh -c ${shellQuote('mkdir -p looks && cd looks && sh /opt/look/looks')}
systemctl poweroff
`;

/** Started by a timer: a part of the boot could not wait for its end. */
const TIMER = '[Timer]\nUnit=look.service\nOnActiveSec=1\n';
/** Its job ends as it starts: systemctl would wait for itself. */
const SERVICE = `[Service]
Type=exec
ExecStart=/bin/sh /opt/look/all
StandardOutput=file:/opt/look/said
StandardError=journal
`;

/** In control groups of its own, in whatever hierarchies this host has; the init system of the host is not asked. */
const START = `
groups=
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -e $hierarchy/cgroup.procs ] || continue
  mkdir -p $hierarchy/ingot-look
  echo $$ > $hierarchy/ingot-look/cgroup.procs
  groups="$groups $hierarchy"
done
status=0
systemd-nspawn --quiet --directory "$1" --boot --register=no --keep-unit --private-network --console=read-only --hostname "$2" \\
  > "$1/opt/look/console" 2>&1 < /dev/null || status=$?
for hierarchy in $groups; do
  echo $$ > $hierarchy/cgroup.procs
  find $hierarchy/ingot-look -depth -type d -exec rmdir {} ';' 2> /dev/null || true
done
exit $status
`;
