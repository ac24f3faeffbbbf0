/** Agents that somebody has put in: they tell a vendor or a server of one's own all the time, and some take orders. */
import type { Entry } from './entry.ts';

const DATE = '2026-11-30';

type Agent = Pick<Entry, 'id' | 'title' | 'class' | 'packages' | 'files' | 'units' | 'sends' | 'trigger' | 'source'> &
  Partial<Pick<Entry, 'distributions' | 'settings' | 'advice'>> & { readonly hosts: readonly string[] };

/** Where it is installed it was wanted, or was forgotten. */
const agent = ({ hosts, ...one }: Agent): Entry => ({
  distributions: ['*'],
  settings: [],
  advice: `Leave the package out, or remove it: \`slim: {remove: [${one.packages[0] ?? one.id}]}\`.`,
  ...one,
  endpoints: hosts.map((host) => ({ host })),
  off: [],
});
const from = (what: string) => ({ what, date: DATE });
const opt = (name: string): string => `/opt/${name}`;

export const AGENT_ENTRIES: readonly Entry[] = [
  agent({
    id: 'crowdsec',
    title: 'CrowdSec: attacks that were seen',
    class: 'telemetry',
    packages: ['crowdsec'],
    files: ['/usr/bin/crowdsec'],
    units: ['crowdsec.service'],
    settings: [
      {
        syntax: 'yaml',
        files: ['/etc/crowdsec/online_api_credentials.yaml'],
        key: 'login',
        off: [''],
        standard: '',
      },
    ],
    hosts: ['api.crowdsec.net'],
    sends: 'Addresses of attackers and what they tried, with an account that its installation makes: clones share it.',
    trigger: 'all the time, once registered; the package registers by itself',
    advice:
      'Write a comment alone into /etc/crowdsec/online_api_credentials.yaml before the package is installed, or after it.',
    source: from('crowdsec 1.4.6: README.Debian, its postinst, /etc/crowdsec/config.yaml (online_client)'),
  }),
  agent({
    id: 'puppet-agent',
    title: 'Puppet agent',
    class: 'metadata',
    packages: ['puppet-agent', 'puppet'],
    files: ['/usr/bin/puppet', opt('puppetlabs/bin/puppet')],
    units: ['puppet.service'],
    hosts: ['puppet', 'puppet.*'],
    sends:
      'Facts of the machine, and reports; does what its server says, as root. Where nothing names the server, it asks whoever is called puppet.',
    trigger: 'every 30 min',
    source: from('puppet-agent 7.23.0: /lib/systemd/system/puppet.service, puppet.conf(5) (server, runinterval)'),
  }),
  agent({
    id: 'salt-minion',
    title: 'Salt minion',
    class: 'metadata',
    packages: ['salt-minion'],
    files: ['/usr/bin/salt-minion'],
    units: ['salt-minion.service'],
    hosts: ['salt', 'salt.*'],
    sends:
      'Facts of the machine; does what its master says, as root. Where nothing names the master, it asks whoever is called salt.',
    trigger: 'all the time',
    source: undefined,
  }),
  agent({
    id: 'ddclient',
    title: 'ddclient: dynamic DNS',
    class: 'dns',
    packages: ['ddclient'],
    files: ['/usr/bin/ddclient', '/usr/sbin/ddclient'],
    units: ['ddclient.service'],
    hosts: ['*.dyndns.org', '*.dyndns.com'],
    sends: 'The address of the machine under a name, with the account of a DNS provider.',
    trigger: 'every 5 min',
    source: from('ddclient 3.10.0: /lib/systemd/system/ddclient.service (daemon_interval)'),
  }),
  agent({
    id: 'syncthing',
    title: 'Syncthing: discovery, relays, crash reports',
    class: 'telemetry',
    packages: ['syncthing'],
    files: ['/usr/bin/syncthing'],
    units: [],
    hosts: ['*.syncthing.net'],
    sends: 'An id that stays the same with all addresses of the machine; crash reports; use, where that was agreed to.',
    trigger: 'all the time, for each account that starts it',
    source: from('syncthing 1.19.2: addresses in /usr/bin/syncthing (discovery, relays, upgrades, crash, data)'),
  }),
  agent({
    id: 'how-can-i-help',
    title: 'how-can-i-help: packages in need',
    class: 'update-check',
    distributions: ['debian', 'ubuntu'],
    packages: ['how-can-i-help'],
    files: ['/usr/bin/how-can-i-help'],
    units: [],
    hosts: ['udd.debian.org'],
    sends: 'A request for a list; what is installed is compared on the machine.',
    trigger: 'each time that apt has installed something, once a day at most',
    source: from('how-can-i-help 17: /usr/bin/how-can-i-help (HELPITEMS_URL), its hook in /etc/apt/apt.conf.d'),
  }),
  agent({
    id: 'tailscale',
    title: 'Tailscale',
    class: 'telemetry',
    packages: ['tailscale'],
    files: ['/usr/sbin/tailscaled'],
    units: ['tailscaled.service'],
    hosts: ['controlplane.tailscale.com', 'log.tailscale.com', 'log.tailscale.io', '*.tailscale.com'],
    sends: 'Logs of its work, with an id that stays the same; keys and addresses, to those who steer the network.',
    trigger: 'all the time',
    source: from('its package logtail (DefaultHost), as documented on pkg.go.dev'),
  }),
  agent({
    id: 'datadog-agent',
    title: 'Datadog agent',
    class: 'telemetry',
    packages: ['datadog-agent'],
    files: [opt('datadog-agent/bin/agent/agent')],
    units: ['datadog-agent.service'],
    hosts: ['*.datadoghq.com', '*.datadoghq.eu'],
    sends: 'Measurements, processes, packages and logs of the machine, with its host name.',
    trigger: 'all the time',
    source: from('Datadog’s documentation, “Network Traffic”'),
  }),
  agent({
    id: 'newrelic-infra',
    title: 'New Relic infrastructure agent',
    class: 'telemetry',
    packages: ['newrelic-infra'],
    files: ['/usr/bin/newrelic-infra'],
    units: ['newrelic-infra.service'],
    hosts: ['*.newrelic.com', '*.nr-data.net'],
    sends: 'Measurements and inventory of the machine, with its host name.',
    trigger: 'all the time',
    source: from('New Relic’s documentation, “Infrastructure security” and “New Relic network traffic”'),
  }),
  ...(
    [
      ['amazon-cloudwatch-agent', 'Amazon CloudWatch agent', ['monitoring.*.amazonaws.com', 'logs.*.amazonaws.com']],
      ['google-cloud-ops-agent', 'Google’s Ops agent', ['monitoring.googleapis.com', 'logging.googleapis.com']],
      [
        'azuremonitoragent',
        'Azure Monitor agent',
        ['*.ods.opinsights.azure.com', 'global.handler.control.monitor.azure.com'],
      ],
      ['mdatp', 'Microsoft Defender for Endpoint', ['*.endpoint.security.microsoft.com']],
      ['falcon-sensor', 'CrowdStrike Falcon sensor', ['*.cloudsink.net']],
      ['qualys-cloud-agent', 'Qualys cloud agent', ['*.qualys.com', '*.qualys.eu']],
      ['rapid7-insight-agent', 'Rapid7 Insight agent', ['*.insight.rapid7.com']],
      ['elastic-agent', 'Elastic agent', []],
      ['wazuh-agent', 'Wazuh agent', []],
      ['splunkforwarder', 'Splunk forwarder', ['*.splunkcloud.com']],
      ['zabbix-agent', 'Zabbix agent', []],
      ['teamviewer-host', 'TeamViewer host', ['*.teamviewer.com']],
      ['anydesk', 'AnyDesk', ['*.net.anydesk.com']],
      ['cloudflared', 'Cloudflare tunnel', ['*.argotunnel.com']],
      ['zerotier-one', 'ZeroTier', ['*.zerotier.com']],
    ] as const
  ).map(([id, title, hosts]) =>
    agent({
      id,
      title,
      class: 'telemetry',
      packages: [id],
      files: [],
      units: [],
      hosts,
      sends: 'What it sees of the machine, or a way into it, to its server.',
      trigger: 'all the time',
      source: undefined,
    }),
  ),
];
