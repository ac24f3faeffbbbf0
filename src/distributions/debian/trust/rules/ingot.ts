/** What Ingot itself writes into a system, by its hooks: held against the hooks' own files, and against the recipe's answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../../../host/project.ts';
import { type Check, reads, shown } from '../checks.ts';
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
  check: written(`system${path}`),
  ...more,
});

/** What only a system with cloud-init gets. */
const cloud = (path: string, reason: string, more: Partial<DebianRule> = {}): DebianRule =>
  own(path, reason, { check: written(`cloud${path}`), ...more });

const UNITS = '/etc/systemd/system';
/** A system has them for its own use; the answers say nothing of them. */
const OWN_UNITS: readonly string[] = ['ssh-host-keys', 'network-without-cloud', 'far-gateways'];

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
    path: new RegExp(
      `^${UNITS}/(multi-user\\.target|ssh\\.service|ssh\\.socket|systemd-networkd\\.service)\\.wants/(${OWN_UNITS.join('|')})\\.service$`,
    ),
    type: 'link',
    class: 'ingot',
    checks: 'it leads to Ingot’s unit',
    check: ({ path, target }) =>
      target === `${UNITS}/${path.replace(/^.*\//, '')}` ? undefined : `it leads to ${target}`,
  },
  cloud(`${UNITS}/network-without-cloud.service`, 'DHCP where cloud-init finds no cloud'),
  cloud(`${UNITS}/far-gateways.service`, 'gateways outside of a card’s own networks are reached'),
  cloud(`${UNITS}/cloud-init.service.d/seed-from-web.conf`, 'a seed that the firmware names is fetched'),
  cloud(`${UNITS}/systemd-repart.service.d/without-cloud.conf`, 'in a cloud, cloud-init enlarges the root partition'),
  cloud(`${UNITS}/systemd-networkd-wait-online.service.d/with-files.conf`, 'networkd waits for cards of its own alone'),
  ...['seed-from-web', 'far-gateways'].map((name) =>
    cloud(`/usr/local/lib/ingot/${name}`, 'the program of the unit of this name', { mode: [0o755] }),
  ),
  own('/etc/systemd/network-without-cloud/80-ethernet.network', 'the network for the case that there is no cloud', {
    check: written('system/etc/systemd/network/80-ethernet.network'),
  }),
  own('/etc/cloud/cloud.cfg.d/90_ingot.cfg', 'the recipe says which clouds are looked for', {
    checks: 'a list of names',
    check: reads(/^# What the recipe says\.\ndatasource_list: \[[\w, ]+\]\n$/),
  }),
  own('/etc/systemd/timesyncd.conf.d/ingot.conf', 'the recipe’s time servers', {
    checks: 'a list of names or addresses',
    check: reads(/^\[Time\]\nNTP=[\w.: -]+\n$/),
  }),
  {
    name: 'ingot-folders',
    reason: 'Ingot’s files lie in them',
    path: [
      '/etc/repart.d',
      '/etc/systemd/resolved.conf.d',
      '/etc/systemd/system/systemd-networkd-wait-online.service.d',
      '/etc/default/grub.d',
      '/etc/systemd/network-without-cloud',
      '/etc/systemd/timesyncd.conf.d',
      `${UNITS}/cloud-init.service.d`,
      `${UNITS}/systemd-repart.service.d`,
      `${UNITS}/systemd-networkd.service.wants`,
      '/usr/local/lib/ingot',
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
