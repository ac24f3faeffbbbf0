/** Servers that the image itself names: whatever the network of a clone says, they are asked, or told. */
import type { Entry, Setting } from './entry.ts';

const DATE = '2026-11-30';

const configured = (
  entry: Pick<
    Entry,
    'id' | 'title' | 'class' | 'packages' | 'files' | 'units' | 'sends' | 'trigger' | 'source' | 'advice'
  >,
  setting: Setting,
): Entry => ({ distributions: ['*'], endpoints: [], off: [], settings: [setting], ...entry });

/** The machine itself, where a resolver of its own answers. */
const OWN_RESOLVERS = ['', '127.0.0.53', '127.0.0.54', '127.0.0.1', '::1'];

export const CONFIGURED_ENTRIES: readonly Entry[] = [
  configured(
    {
      id: 'resolved-servers',
      title: 'systemd-resolved: name servers that the image names',
      class: 'dns',
      packages: ['systemd-resolved'],
      files: ['/usr/lib/systemd/systemd-resolved', '/lib/systemd/systemd-resolved'],
      units: ['systemd-resolved.service'],
      sends: 'Every name that the machine asks for, to these servers, beside those of its network.',
      trigger: 'with each name',
      advice: 'Take `DNS=` out of resolved.conf, and let the network name its servers.',
      source: { what: 'resolved.conf(5), DNS=', date: DATE },
    },
    {
      syntax: 'ini',
      section: 'Resolve',
      files: [
        '/etc/systemd/resolved.conf',
        '/usr/lib/systemd/resolved.conf.d/*.conf',
        '/etc/systemd/resolved.conf.d/*.conf',
      ],
      key: 'DNS',
      off: [''],
      standard: '',
    },
  ),
  configured(
    {
      id: 'resolv-conf',
      title: 'resolv.conf: a name server that the image names',
      class: 'dns',
      packages: [],
      files: ['/etc/resolv.conf'],
      units: [],
      sends: 'Every name that the machine asks for, to this server.',
      trigger: 'with each name, unless a network writes the file anew',
      advice: 'Empty the file in the last step, or make it a link to /run/systemd/resolve/stub-resolv.conf.',
      source: { what: 'resolv.conf(5), nameserver', date: DATE },
    },
    { syntax: 'words', files: ['/etc/resolv.conf'], key: 'nameserver', off: OWN_RESOLVERS, standard: '' },
  ),
  configured(
    {
      id: 'journal-upload',
      title: 'systemd-journal-upload',
      class: 'telemetry',
      packages: [],
      files: ['/usr/lib/systemd/systemd-journal-upload', '/lib/systemd/systemd-journal-upload'],
      units: ['systemd-journal-upload.service'],
      sends: 'All messages of the journal, to the server that it names.',
      trigger: 'all the time',
      advice: 'Disable systemd-journal-upload.service, or take `URL=` out of journal-upload.conf.',
      source: { what: 'systemd-journal-upload(8), journal-upload.conf(5)', date: DATE },
    },
    {
      syntax: 'ini',
      section: 'Upload',
      files: ['/etc/systemd/journal-upload.conf', '/etc/systemd/journal-upload.conf.d/*.conf'],
      key: 'URL',
      off: [''],
      standard: '',
    },
  ),
  configured(
    {
      id: 'rsyslog-forwarding',
      title: 'rsyslog: messages to another machine',
      class: 'telemetry',
      packages: ['rsyslog'],
      files: ['/usr/sbin/rsyslogd'],
      units: ['rsyslog.service'],
      sends: 'Messages of the system, to the server that it names.',
      trigger: 'with each message',
      advice: 'Take the line out of rsyslog.conf or rsyslog.d, or name a server of your own and allow it.',
      source: { what: 'rsyslog.conf(5), actions: forwarding', date: DATE },
    },
    {
      syntax: 'forwarding',
      files: ['/etc/rsyslog.conf', '/etc/rsyslog.d/*.conf'],
      key: 'forwarding',
      off: [''],
      standard: '',
    },
  ),
];
