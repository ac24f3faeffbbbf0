/**
 * Keys and ids that services make for the machine they are installed on. A clone makes new ones: most services do so by
 * themselves when there is none; for the others the sealed system gets a unit that does it before they start.
 */
import { REWRITE } from './rewrite.ts';

export interface ServiceIdentity {
  readonly service: string;
  /** For docs/seal.md: what clones that share it would do. */
  readonly why: string;
  /** Patterns of files and folders that go. */
  readonly paths: readonly string[];
  /**
   * How a clone makes it again, where the service does not: with this program, when one of the files is missing or empty, as a
   * power cut leaves it.
   */
  readonly renewal?: { readonly program: string; readonly files: readonly string[]; readonly command: string };
}

export const SERVICE_IDENTITIES: readonly ServiceIdentity[] = [
  {
    service: 'ssl-cert',
    why: 'the self-signed certificate of web, mail and database servers: whoever has the image could stand in for each of its clones',
    paths: ['/etc/ssl/private/ssl-cert-snakeoil.key', '/etc/ssl/certs/ssl-cert-snakeoil.pem'],
    renewal: {
      program: '/usr/sbin/make-ssl-cert',
      files: ['/etc/ssl/private/ssl-cert-snakeoil.key', '/etc/ssl/certs/ssl-cert-snakeoil.pem'],
      command: 'make-ssl-cert generate-default-snakeoil --force-overwrite',
    },
  },
  {
    service: 'munge',
    why: 'the key by which machines trust each other’s users, and its random seed',
    paths: ['/etc/munge/munge.key', '/var/lib/munge/*.seed'],
    renewal: {
      program: '/usr/sbin/mungekey',
      files: ['/etc/munge/munge.key'],
      command: 'rm -f /etc/munge/munge.key && mungekey --create && chown munge:munge /etc/munge/munge.key',
    },
  },
  {
    service: 'BIND',
    why: 'the key by which `rndc` controls the server: whoever has the image could control each of its clones',
    paths: ['/etc/bind/rndc.key'],
    renewal: {
      program: '/usr/sbin/rndc-confgen',
      files: ['/etc/bind/rndc.key'],
      command:
        '[ -d /etc/bind ] && rndc-confgen -a && chown bind:bind /etc/bind/rndc.key && chmod 640 /etc/bind/rndc.key',
    },
  },
  {
    service: 'NVMe over fabrics',
    why: 'host id and host name (NQN): storage would take two clones for one host',
    paths: ['/etc/nvme/hostid', '/etc/nvme/hostnqn'],
    renewal: {
      program: '/usr/sbin/nvme',
      files: ['/etc/nvme/hostid', '/etc/nvme/hostnqn'],
      command: 'nvme gen-hostnqn > /etc/nvme/hostnqn && cat /proc/sys/kernel/random/uuid > /etc/nvme/hostid',
    },
  },
  {
    service: 'postfix',
    why: 'random state and cached TLS sessions',
    paths: ['/var/lib/postfix/prng_exch', '/var/lib/postfix/*_scache.*'],
  },
  {
    service: 'exim',
    why: 'parameters and hints of its own, and a certificate that was made for the build machine’s name',
    paths: ['/var/spool/exim4/gnutls-params*', '/var/spool/exim4/db/*', '/etc/exim4/exim.key', '/etc/exim4/exim.crt'],
  },
  {
    service: 'Salt',
    why: 'the key and the name by which a master recognizes a minion, and a master’s own key',
    paths: [
      '/etc/salt/pki/minion/minion.*',
      '/etc/salt/pki/master/master.*',
      '/etc/salt/minion_id',
      '/var/cache/salt/minion/*',
    ],
  },
  {
    service: 'Puppet',
    why: 'key and certificate by which a server recognizes an agent',
    paths: ['/etc/puppetlabs/puppet/ssl', '/etc/puppet/ssl', '/var/lib/puppet/ssl'],
  },
  {
    service: 'Kerberos, SSSD and Samba',
    why: 'the account of this machine in a realm or domain; a clone joins with one of its own',
    paths: ['/etc/krb5.keytab', '/var/lib/sss/db/*', '/var/lib/sss/secrets/*', '/var/lib/samba/private/secrets.tdb'],
  },
  {
    service: 'Docker and containerd',
    why: 'ids and keys of the engine, and a swarm’s certificates',
    paths: [
      '/etc/docker/key.json',
      '/var/lib/docker/engine-id',
      '/var/lib/docker/swarm',
      '/var/lib/containerd/io.containerd.grpc.v1.introspection/uuid',
    ],
  },
  {
    service: 'RabbitMQ and ejabberd',
    why: 'the cookie by which nodes of Erlang trust each other',
    paths: ['/var/lib/rabbitmq/.erlang.cookie', '/var/lib/ejabberd/.erlang.cookie'],
  },
  {
    service: 'Kubernetes',
    why: 'key and certificate of a node',
    paths: ['/var/lib/kubelet/pki/*', '/etc/rancher/node/password'],
  },
  {
    service: 'Bluetooth, dnsmasq and chrony',
    why: 'paired devices, leases that were given out, and how much the build machine’s clock drifts',
    paths: ['/var/lib/bluetooth/*', '/var/lib/misc/*.leases', '/var/lib/chrony/*.drift', '/var/lib/chrony/drift'],
  },
];

/** open-iscsi does not start without the file, and makes a name where this line is (its startup-checks.sh). */
export const ISCSI_NAME = '/etc/iscsi/initiatorname.iscsi';

/** Before the services that need them, and on the disk by then; a file with something in it stays, whatever made it. */
export const RENEWAL_UNIT = '/etc/systemd/system/renew-identities.service';

const renewals = SERVICE_IDENTITIES.flatMap(({ service, renewal }) => (renewal ? [{ service, ...renewal }] : []));

const UNIT = `[Unit]
Description=New keys and ids of services, on a clone's first boot
DefaultDependencies=no
Conflicts=shutdown.target
After=sysinit.target
Before=basic.target shutdown.target

[Service]
Type=oneshot
`;

/** A unit for those programs that are there; none when none is. */
const WRITE_UNIT = `
unit=${RENEWAL_UNIT}
wants=/etc/systemd/system/basic.target.wants
lines=
${renewals
  .map(
    ({ program, files, command }) => `if [ -x ${program} ]; then
  lines="\${lines}ExecStart=-/bin/sh -c '${files.map((file) => `[ -s ${file} ]`).join(' && ')} || { ${command}; sync ${files.join(' ')}; }'
"
fi`,
  )
  .join('\n')}
if [ -n "$lines" ] && [ -d /etc/systemd/system ]; then
  printf '%s%s\\n[Install]\\nWantedBy=basic.target\\n' '${UNIT.replaceAll("'", `'\\''`)}' "$lines" > $unit
  mkdir -p $wants
  ln -sf $unit $wants/\${unit##*/}
fi`;

export const IDENTITIES_SCRIPT = `${REWRITE}
find /etc/ssl/certs -lname ssl-cert-snakeoil.pem -delete 2>/dev/null || true
rm -rf ${SERVICE_IDENTITIES.flatMap(({ paths }) => paths).join(' ')}
if [ -f ${ISCSI_NAME} ]; then echo GenerateName=yes | rewrite ${ISCSI_NAME}; fi
${WRITE_UNIT}`;

/** What has to renew it when its program is on the disk. */
export const RENEWED_PROGRAMS: readonly string[] = renewals.map(({ program }) => program);
