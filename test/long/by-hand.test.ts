/**
 * What scripts of packages write down when the installer configures them is what they write down when the same packages are
 * installed by hand, with apt, in the finished base: host name, domain, mail name, time zone, locale. Both without a machine.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ingot, testStore, userKey } from '../e2e/support.ts';
import { inSystem, installBase, installerRoot, noNamespaces } from './installer-root.ts';

t.setTimeout(2 * 60 * 60_000);

const PACKAGES =
  'postfix dovecot-imapd opendkim slapd ssl-cert postgresql mariadb-server apache2 samba nslcd krb5-config munin-node mailutils';

const work = join(testStore, 'by-hand');
await mkdir(work, { recursive: true });
const key = await userKey();
const skip = await noNamespaces();
const hostname = 'mx1';

const systemOf = async (name: string, installed: boolean): Promise<string> => {
  const list = `[${PACKAGES.replaceAll(' ', ', ')}]`;
  const recipe = join(work, `${name}.yaml`);
  await writeFile(
    recipe,
    `name: ${name}
os: { family: debian, release: "12" }
origin: { assemble: debian, packages: ${installed ? '[]' : list} }
answers:
  hostname: ${hostname}
  domain: corp.example
  locale: de_DE.UTF-8
  timezone: Europe/Berlin
  packages: ${installed ? list : '[]'}
  users: [{ name: admin-user, sshKeys: [{ file: ${key}.pub }] }]
`,
  );
  const medium = join(work, `${name}.iso`);
  const made = ingot(['media', recipe, '--store', testStore, '-o', medium], (text) => t.comment(text));
  const { code, stderr } = await made.ended;
  if (code !== 0) throw new Error(stderr);
  const folder = join(work, name);
  await installerRoot(medium, folder);
  await rm(medium);
  await installBase(folder, (line) => t.comment(line));
  return folder;
};

/** What both have to agree on. Of debconf its values; of a directory its suffix; of the rest what was written into /etc. */
const FACTS = `
debconf-show --listowners | sort | while read -r owner; do debconf-show "$owner" | sed "s/^[* ]*//"; done | sort
slapcat 2> /dev/null | grep -iE "^(dn|o|dc):"
slapcat -n 0 2> /dev/null | grep -E "^olc(Suffix|RootDN|Access)"
openssl x509 -noout -subject -ext subjectAltName -in /etc/ssl/certs/ssl-cert-snakeoil.pem
cat /etc/timezone
readlink /etc/localtime
locale -a
cd /etc
find . -xdev ! -type f -printf "%p %y %u %g %m %l\\n" | sort
find . -xdev -type f -printf "%p %u %g %m\\n" | sort
find . -xdev -type f | sort | xargs sha256sum
dpkg --audit
`;

/** What is this system's own (keys, ids, times within files), or apt's. */
const OWN =
  /ldap\/slapd\.d\/.*\.ldif$|aliases\.db$|ssh_host_|machine-id|ssl-cert-snakeoil|ssl\/private|\.\/ssl\/certs|ld\.so\.cache|\.\/apt\/|(passwd|group|g?shadow|subuid|subgid)-?( |$)|debian\.cnf|resolv\.conf|password/;

/**
 * nslcd's question is answered by asking the name service for a server. By hand that is before the program for it is unpacked
 * (apt asks first), with the system after that (dpkg asks when it configures): "refused" is its guess from what the program says.
 */
const GUESSED = /ldap-uris|\.\/nslcd\.conf/;

const factsOf = async (folder: string): Promise<string[]> => {
  const { stdout } = await inSystem(folder, hostname, FACTS);
  return stdout.split('\n').filter((line) => !OWN.test(line) && !GUESSED.test(line));
};

t.test('installed with the system, or by hand', { skip }, async (t) => {
  const installed = await systemOf('installed', true);
  const byHand = await systemOf('by-hand', false);
  const install = `echo "deb [trusted=yes] file:/media/cdrom bookworm main" > /etc/apt/sources.list
apt-get -o Acquire::Languages=none update
apt-get install -y --no-install-recommends ${PACKAGES}`;
  await inSystem(byHand, hostname, install, (line) => t.comment(line));
  const [one, other] = [await factsOf(installed), await factsOf(byHand)];
  t.ok(one.length > 500, 'there are facts');
  t.same(
    one.filter((line) => !other.includes(line)),
    [],
    'only when installed with the system',
  );
  t.same(
    other.filter((line) => !one.includes(line)),
    [],
    'only when installed by hand',
  );
  const { stdout } = await inSystem(
    installed,
    hostname,
    'cat /etc/mailname; postconf -h myhostname; grep ^base /etc/nslcd.conf; grep -hE "^(lc_messages|timezone)" /etc/postgresql/*/main/postgresql.conf',
  );
  for (const fact of [
    /^mx1\.corp\.example\nmx1\.corp\.example\n/,
    /^base dc=corp,dc=example$/m,
    /^lc_messages = 'de_DE\.UTF-8'/m,
    /^timezone = 'Europe\/Berlin'/m,
  ])
    t.match(stdout, fact);
  await rm(work, { recursive: true, force: true });
});
