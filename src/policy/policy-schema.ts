/** What a policy may ask of an image. Every part is optional: what is not said is not judged. */
import { z } from 'zod';
import { wantedSignatures } from '../attest/wanted-signatures.ts';
import { egressPartSchema, telemetryPolicySchema } from '../egress/policy.ts';
import { text } from '../recipe/schema/field-values.ts';
import { vulnerabilitiesPartSchema } from '../vulns/policy.ts';

const globs = (what: string) =>
  z.array(z.string().min(1)).min(1, 'a list with at least one entry').meta({ description: what });
const forbidden = z.literal('forbid');
const bytes = text(/^\d+(\.\d+)?[KMGT]$/, 'a size such as 512M or 8G');
const day = text(/^\d{4}-\d\d-\d\d$/, 'a day such as 2026-12-31').refine(
  (value) => !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value),
  'a day that the calendar has, such as 2026-12-31',
);
const octal = text(/^[0-7]{3,4}$/, 'permissions in octal, quoted: "0644"');

const packages = z
  .strictObject({
    forbid: globs('Packages that may not be installed; `*` stands for any letters: telnet*.').optional(),
    require: globs('Packages that have to be installed.').optional(),
    most: z.int().min(1).optional().meta({ description: 'The most packages that may be installed.' }),
    untrusted: forbidden
      .optional()
      .meta({ description: 'No source may be used without its signature ([trusted=yes]).' }),
    sources: globs(
      'Hosts or paths that apt and dnf may fetch from, as in the sources of the image: *.example.org.',
    ).optional(),
  })
  .meta({ description: 'What may and has to be installed.' });

const units = z
  .strictObject({
    forbid: globs('Units that may not be enabled: telnet.socket, *.timer.').optional(),
    require: globs('Units that have to be enabled.').optional(),
    onlySockets: z.array(z.string().min(1)).optional().meta({
      description:
        'Socket units that may listen; an empty list allows none. Sockets of services are seen by tests alone.',
    }),
  })
  .meta({ description: 'What systemd starts, as links and unit files on the disk say.' });

const privileged = z
  .strictObject({
    only: z
      .array(z.string().min(1))
      .optional()
      .meta({ description: 'Paths that may be setuid, setgid or have capabilities; an empty list allows none.' }),
    ofNoPackage: forbidden.optional().meta({ description: 'No such program may be one that no package has.' }),
  })
  .meta({ description: 'Programs that run with more rights than their caller has.' });

const accounts = z
  .strictObject({
    logins: z
      .array(z.string().min(1))
      .optional()
      .meta({ description: 'Names of the accounts that may have a login shell, root among them.' }),
    emptyPasswords: forbidden.optional().meta({ description: 'No account may be entered without a password.' }),
    passwords: z
      .union([z.literal('none'), z.array(z.string().min(1)).min(1)])
      .optional()
      .meta({ description: '`none`: no account has one that fits; else the accounts that may have one.' }),
    methods: z
      .array(z.enum(['yescrypt', 'gost-yescrypt', 'scrypt', 'bcrypt', 'SHA-512', 'SHA-256']))
      .min(1)
      .optional()
      .meta({ description: 'How passwords may be hashed.' }),
    keyTypes: globs('Types that authorized keys may have: ssh-ed25519, sk-*.').optional(),
    sudoWithoutPassword: z.array(z.string().min(1)).optional().meta({
      description: 'Accounts and groups (%sudo) that may use sudo without a password; an empty list allows none.',
    }),
  })
  .meta({ description: 'Who can log in, and what they may do.' });

const file = z
  .strictObject({
    path: text(/^\//, 'an absolute path in the image'),
    mode: octal.optional().meta({ description: 'Exactly these permissions.' }),
    mostMode: octal.optional().meta({ description: 'These permissions or fewer.' }),
    owner: text(/^[^:\s]+(:[^:\s]+)?$/, 'an owner: root, or root:shadow').optional(),
    contains: z.string().min(1).optional().meta({ description: 'A regular expression that a line has to match.' }),
    lacks: z.string().min(1).optional().meta({ description: 'A regular expression that no line may match.' }),
    optional: z.boolean().optional().meta({ description: 'The file may be missing.' }),
  })
  .refine(({ contains, lacks }) => [contains, lacks].every((one) => one === undefined || isPattern(one)), {
    error: 'a regular expression',
  });

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, 'm') instanceof RegExp;
  } catch {
    return false;
  }
};

const files = z
  .strictObject({
    forbid: globs('Paths that may not be there; `*` within a folder, `**` across folders.').optional(),
    require: z.array(file).min(1).optional().meta({ description: 'Files that have to be there, and how.' }),
    unexplained: z
      .strictObject({
        most: z.int().min(0).meta({ description: 'How many there may be.' }),
        allow: globs('Paths that do not count.').optional(),
      })
      .optional()
      .meta({ description: 'Files that no package has and that nothing known makes.' }),
    worldWritable: z
      .strictObject({ allow: globs('Paths that may be.').optional() })
      .optional()
      .meta({ description: 'No file may be written by everybody, and no folder without its sticky bit.' }),
    withoutOwner: forbidden
      .optional()
      .meta({ description: 'Every file belongs to an account and a group that exist.' }),
    privateKeys: z
      .strictObject({ allow: globs('Paths that may hold one.').optional() })
      .optional()
      .meta({ description: 'No private keys, which all clones would share.' }),
  })
  .meta({ description: 'Files of the system.' });

const value = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)]);

const settings = z
  .strictObject({
    sshd: z.record(z.string(), value).optional().meta({
      description:
        "What sshd's configuration says for everybody (sshd_config(5)); a list names all values that are allowed.",
    }),
    sysctl: z.record(z.string(), value).optional().meta({
      description: 'What sysctl.d(5) sets: {net.ipv4.ip_forward: 0}. A setting that no file makes does not hold.',
    }),
    mounts: z
      .record(text(/^\//, 'an absolute path'), z.array(z.string().min(1)).min(1))
      .optional()
      .meta({
        description: 'Options that a file system of fstab or of a mount unit has to have: {/tmp: [nodev, nosuid]}.',
      }),
  })
  .meta({ description: 'What configuration files say.' });

const size = z
  .strictObject({
    image: bytes.optional().meta({ description: 'The most that the image file may take.' }),
    installed: bytes.optional().meta({ description: 'The most that all files of the system may take.' }),
    logs: bytes.optional().meta({ description: 'The most that /var/log may take.' }),
  })
  .meta({ description: 'How large it may be.' });

const origin = z
  .strictObject({
    proof: z.enum(['signed', 'sums', 'pinned']).optional().meta({
      description: 'How the origin has to be proved: signed by its publisher, by unsigned sums, or pinned by a digest.',
    }),
    standIns: forbidden.optional().meta({ description: "No component of Ingot took the place of the installer's." }),
    families: globs('Families of systems that are allowed: debian.').optional(),
    releases: globs('Releases that are allowed: "12", "13".').optional(),
  })
  .meta({ description: 'Where it came from, as the manifest beside the image says.' });

const tests = z
  .strictObject({
    require: globs(
      'Results that have to be there, each of which has to hold, by their names in tests.json; `*` stands for any letters: "clones: *". A skipped test is no pass.',
    ),
  })
  .meta({ description: 'Tests of the image that must have run.' });

const trust = z
  .strictObject({
    unexplained: forbidden.meta({
      description:
        'Signed packages, known rules or steps account for every file: nothing is unexplained, and nothing was not judged.',
    }),
  })
  .meta({
    description: 'What accounts for the files of the image (docs/trust.md), judged in a build and by `ingot verify`.',
  });

const waiver = z.strictObject({
  rule: z.string().min(1).meta({
    description:
      'The rule as a finding names it, or a vulnerability; `*` stands for any letters: files.*, CVE-2026-1234.',
  }),
  where: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Only for this path, package or name; `*` stands for any letters.' }),
  reason: z.string().trim().min(1).meta({ description: 'Why it may stay.' }),
  until: day.meta({ description: 'The last day on which it holds; after it, the waiver itself is a finding.' }),
});

export const policySchema = z.strictObject({
  description: z.string().optional().meta({ description: 'What the policy is for.' }),
  include: z.array(z.string().min(1)).optional().meta({
    description: 'Policies that this one begins with: a ready one by its name, or a path relative to this file.',
  }),
  packages: packages.optional(),
  units: units.optional(),
  privileged: privileged.optional(),
  accounts: accounts.optional(),
  files: files.optional(),
  settings: settings.optional(),
  size: size.optional(),
  age: z
    .strictObject({ most: text(/^\d+d$/, 'a number of days: 90d') })
    .optional()
    .meta({ description: 'How old the image may be, from the time in its manifest.' }),
  origin: origin.optional(),
  trust: trust.optional(),
  tests: tests.optional(),
  vulnerabilities: vulnerabilitiesPartSchema.optional(),
  signatures: wantedSignatures.optional(),
  telemetry: telemetryPolicySchema.optional(),
  egress: egressPartSchema.optional(),
  waivers: z
    .array(waiver)
    .optional()
    .meta({ description: 'Findings that may stay for a while, each with its reason.' }),
});

/** As it is written: an included one may have said the rest. */
export type PolicyText = z.output<typeof policySchema>;
/** All of it, includes laid under it. */
export type Policy = Omit<PolicyText, 'include' | 'description'>;
