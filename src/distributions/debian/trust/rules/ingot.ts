/** What Ingot itself writes into a system, by its hooks: held against the hooks' own files, and against the recipe's answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../../../host/project.ts';
import { type Check, shown } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';

/** The text of a file below installer/hooks/ingot, or one that the answers carry. */
const written =
  (...places: readonly string[]): Check =>
  async ({ path }, { text, said }) => {
    const found = await text(path);
    const own = places.some(
      (place) => found === readFileSync(join(projectFolder, 'installer/hooks/ingot', place), 'utf8'),
    );
    return own || said?.texts.some((one) => one === found) ? undefined : 'it is not what Ingot writes there';
  };

const own = (path: string, reason: string, more: Partial<DebianRule> = {}): DebianRule => ({
  name: `ingot${path.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`,
  reason,
  path: [path],
  class: 'ingot',
  checks: 'the text that Ingot carries',
  check: written(path.startsWith('/usr/local') ? `cloud${path}` : `system${path}`),
  ...more,
});

/** Arguments that start nothing, mount nothing, and take no protection away: anybody's recipe may have them. */
const HARMLESS =
  /^(console=[\w,]+|quiet|splash|nomodeset|net\.ifnames=[01]|biosdevname=[01]|loglevel=\d|earlyprintk=[\w,]+|consoleblank=\d+|panic=\d+|crashkernel=[\w,:@-]+|apparmor=1|audit=1|security=apparmor|cgroup_enable=\w+|swapaccount=1|elevator=\w+)$/;

/** Nothing else can be said there than what GRUB is to do. */
const GRUB_LINE =
  /^(#.*|GRUB_(TIMEOUT|CMDLINE_LINUX|CMDLINE_LINUX_DEFAULT|TERMINAL|SERIAL_COMMAND|DISABLE_OS_PROBER|RECORDFAIL_TIMEOUT|DISTRIBUTOR|GFXMODE)=("[\w ,.:=/+@%-]*"|\w+|\$GRUB_TIMEOUT)|)$/;

export const INGOT_RULES: readonly DebianRule[] = [
  own('/etc/repart.d/50-root.conf', 'the root partition grows at boot'),
  own('/etc/systemd/network/80-ethernet.network', 'any card gets its address by DHCP, or the recipe says it'),
  {
    name: 'ingot-network-devices',
    reason: 'cards, bonds and VLANs are what the recipe says',
    path: /^\/etc\/(systemd\/network\/[^/]+\.(network|netdev)|NetworkManager\/system-connections\/[^/]+\.nmconnection)$/,
    mode: [0o644, 0o600],
    class: 'ingot',
    checks: 'the text that the recipe gives',
    check: written(),
  },
  own('/etc/systemd/resolved.conf.d/names.conf', 'names come from DNS alone'),
  own('/etc/systemd/system/ssh-host-keys.service', 'each clone makes host keys of its own'),
  own('/etc/systemd/system/systemd-networkd-wait-online.service.d/any.conf', 'one card that is up is enough'),
  {
    name: 'ingot-host-keys-enabled',
    reason: 'systemctl enable, for Ingot’s own unit',
    path: /^\/etc\/systemd\/system\/(multi-user\.target|ssh\.service|ssh\.socket)\.wants\/ssh-host-keys\.service$/,
    type: 'link',
    class: 'ingot',
    checks: 'it leads to Ingot’s unit',
    check: ({ target }) =>
      target === '/etc/systemd/system/ssh-host-keys.service' ? undefined : `it leads to ${target}`,
  },
  {
    name: 'ingot-folders',
    reason: 'Ingot’s files lie in them',
    path: [
      '/etc/repart.d',
      '/etc/systemd/resolved.conf.d',
      '/etc/systemd/system/systemd-networkd-wait-online.service.d',
      '/etc/default/grub.d',
    ],
    type: 'folder',
    class: 'ingot',
  },
  own('/etc/default/grub.d/50-ingot.cfg', 'the recipe’s kernel arguments and consoles, for GRUB', {
    checks:
      'only settings of GRUB, in a form that runs nothing; kernel arguments are the recipe’s, or such that start nothing and take no protection away',
    check: async (file, { text, said }) => {
      const lines = (await text(file.path)).split('\n');
      const odd = lines.find((line) => !GRUB_LINE.test(line));
      if (odd !== undefined) return `its line "${shown(odd)}" is none of Ingot's`;
      const [, value = ''] = /^GRUB_CMDLINE_LINUX="(.*)"$/m.exec(lines.join('\n')) ?? [];
      if (said?.texts.some((one) => one.split('\n').includes(`kernel_arguments=${value}`))) return undefined;
      const others = [...lines.join('\n').matchAll(/^GRUB_CMDLINE_LINUX(?:_DEFAULT)?="(.*)"$/gm)].map(
        ([, one = '']) => one,
      );
      const word = others
        .join(' ')
        .split(/\s+/)
        .find((one) => one !== '' && !HARMLESS.test(one));
      return word === undefined ? undefined : `the recipe is not at hand to say the kernel argument ${shown(word)}`;
    },
  }),
];
