/**
 * The recipe: one zod schema is the source of its types, of its validation and of the JSON Schema for editors.
 * What a value means for the installer is decided elsewhere; here is what may be said.
 */
import { z } from 'zod';
import { variantsSchema } from './load/variants.ts';
import { answersSchema } from './schema/answers-schema.ts';
import { configureStep } from './schema/configure-schema.ts';
import { durationField, hostPath, mediumPath, removablePath, size, text } from './schema/field-values.ts';
import { hostsSchema } from './schema/hosts-schema.ts';
import { mediaPackages } from './schema/media-packages-schema.ts';
import { originSchema } from './schema/origin-schema.ts';
import { slimSchema } from './schema/slim-schema.ts';
import { telemetrySchema } from './schema/telemetry-schema.ts';
import { testsSchema } from './schema/tests-schema.ts';
import { tuningSchema } from './schema/tuning-schema.ts';
import { variablesSchema } from './schema/variables-schema.ts';

const osSchema = z
  .strictObject({
    family: z.enum(['debian', 'redhat', 'fedora']).meta({
      description:
        'debian: debian-installer. redhat (RHEL, Alma, Rocky, CentOS Stream) and fedora: Anaconda, whose answers can be rendered so far.',
    }),
    release: z.string().min(1).meta({ description: 'The release, quoted: "12"; "9"; "43".' }),
    arch: z.enum(['amd64']).default('amd64').meta({ description: 'The architecture.' }),
  })
  .meta({ description: 'The operating system that is installed.' });

/** `debian`, `redhat` (RHEL, Alma, Rocky, …), `fedora`. */
export type Family = z.infer<typeof osSchema>['family'];

/** In their order; the installer's log and Ingot's hooks tell when each begins. */
export const INSTALLER_PHASES = [
  'boot',
  'hardware',
  'components',
  'partitioning',
  'base system',
  'kernel',
  'packages',
  'boot loader',
  'finish',
] as const;

const machineSchema = z
  .strictObject({
    cpus: z.int().min(1).max(64).default(2).meta({ description: 'Processors of the build machine.' }),
    memory: size.default(2 * 2 ** 30).meta({ description: 'Memory of the build machine: 2G.' }),
    disk: size.default(8 * 2 ** 30).meta({ description: 'Virtual size of the disk: 8G.' }),
    firmware: z.enum(['bios', 'uefi']).default('bios').meta({ description: 'What the build machine boots with.' }),
    network: z
      .enum(['isolated', 'open'])
      .default('isolated')
      .meta({ description: 'isolated: the guest reaches nothing. open: it reaches what the host reaches.' }),
    accelerator: z
      .enum(['auto', 'kvm', 'tcg'])
      .default('auto')
      .meta({ description: 'auto tries KVM with a tiny guest and falls back to TCG.' }),
    checkpoints: z.boolean().default(true).meta({
      description:
        'Save the running machine between the steps (200 to 500 MB each), so that a changed step goes on there.',
    }),
    limits: z
      .strictObject({
        phase: durationField
          .default(20 * 60_000)
          .meta({ description: 'The longest that one installer phase may take (KVM).' }),
        phases: z
          .partialRecord(z.enum(INSTALLER_PHASES), durationField)
          .default({})
          .meta({ description: 'The same for single phases: {base system: 40m}.' }),
        firstBoot: durationField
          .default(5 * 60_000)
          .meta({ description: 'From power-on to a working SSH login (KVM).' }),
        idle: durationField.default(3 * 60_000).meta({
          description:
            'How long the installer, or the first boot, may do nothing at all: no output, no disk request, idle processors. Not scaled up.',
        }),
        powerOff: durationField
          .default(2 * 60_000)
          .meta({ description: 'From the request to power off until it is off (KVM).' }),
      })
      .prefault({})
      .meta({ description: 'How long things may take; under TCG they are scaled up.' }),
  })
  .meta({ description: 'The virtual machine in which the image is made.' });

export const SEAL_OPERATIONS = [
  'build-access',
  'medium-source',
  'build-settings',
  'package-caches',
  'installer-traces',
  'debconf-passwords',
  'ssh-host-keys',
  'machine-id',
  'network-leases',
  'random-seeds',
  'service-identities',
  'cloud-init-state',
  'shell-histories',
  'temporary-files',
  'logs',
  'swap-contents',
  'trim',
] as const;

const sealSchema = z
  .strictObject({
    skip: z
      .array(z.enum(SEAL_OPERATIONS))
      .default([])
      .meta({ description: 'Seal operations to leave out; docs/seal.md lists them with why.' }),
    remove: z.array(removablePath).default([]).meta({ description: 'Further paths to remove.' }),
  })
  .meta({ description: 'Making the machine ready to be cloned.' });

export const CAPTURE_FORMATS = ['qcow2', 'raw'] as const;

export const SBOM_FORMS = ['cyclonedx', 'spdx'] as const;

const captureSchema = z
  .strictObject({
    formats: z
      .array(z.enum(CAPTURE_FORMATS))
      .min(1)
      .refine((formats) => new Set(formats).size === formats.length, 'each format once')
      .default(['qcow2'])
      .meta({ description: 'Formats of the image.' }),
    thin: z.boolean().default(false).meta({
      description:
        'Deliver what differs from the image that the build began with, as a qcow2 over it: for platforms that keep that image.',
    }),
    reproducible: z.boolean().default(false).meta({
      description:
        'Write the file systems again from their files, in one order, with fixed identifiers and times: two builds of the same give the same bytes. docs/reproducible.md has the rules.',
    }),
    medium: z.boolean().default(false).meta({ description: 'Put the delivery medium next to the images as well.' }),
    sbom: z
      .union([
        z.enum([...SBOM_FORMS, 'none']),
        z
          .array(z.enum(SBOM_FORMS))
          .min(1)
          .refine((forms) => new Set(forms).size === forms.length, 'each form once'),
      ])
      .default('cyclonedx')
      .transform((said): readonly SbomForm[] => (said === 'none' ? [] : typeof said === 'string' ? [said] : said))
      .meta({
        description:
          'The bill of materials beside the image: cyclonedx (NAME.cdx.json), spdx (NAME.spdx.json), a list of both, or none.',
      }),
  })
  .meta({ description: 'What is in out/<name>/ at the end.' });

const mediaSchema = z
  .strictObject({
    start: z.enum(['ask', 'countdown', 'now']).default('ask').meta({
      description: 'ask waits at the menu; countdown starts after 30 s; now starts at once and ERASES the disk.',
    }),
    volumeId: text(/^[A-Za-z0-9_.-]{1,32}$/, 'at most 32 of A-Z a-z 0-9 _ . -')
      .optional()
      .meta({ description: "Volume label of the medium, renewed in its boot menus too; the original's when absent." }),
    files: z
      .array(
        z.strictObject({
          from: hostPath.meta({ description: 'A file or folder on the host, beside the recipe.' }),
          to: mediumPath.meta({ description: 'Its path on the medium; what a folder has comes below it.' }),
        }),
      )
      .default([])
      .meta({ description: 'Files and trees that are added to the medium, or replace what lies there.' }),
    remove: z
      .array(mediumPath)
      .default([])
      .meta({ description: 'Files and folders that are taken from the medium, before `files` come.' }),
    arguments: z
      .strictObject({
        remove: z
          .array(text(/^[\x21-\x7e]{1,200}$/, 'one word of a kernel command line'))
          .default([])
          .meta({
            description:
              'Words that are removed from the unattended entry: `rd.debug`, all of a key (`console`), or one value (`console=tty0`).',
          }),
      })
      .prefault({})
      .meta({ description: "The installer's kernel arguments on the medium." }),
    packages: mediaPackages,
    signingKey: hostPath.optional().meta({
      description:
        'Ed25519 private key (PEM) that signs the repository of `packages`; one made of its content when absent.',
    }),
    firmware: z.enum(['bios', 'uefi']).optional().meta({
      description:
        'The one firmware for which the medium has to start unattended; both, as far as it boots by both, when absent.',
    }),
    unknownHost: z.enum(['stop', 'recipe']).default('stop').meta({
      description:
        'A machine that is none of `hosts`. stop: its ids are shown, and nothing is changed on it; recipe: it is installed with the answers of the recipe itself.',
    }),
    bootTest: z.boolean().default(false).meta({
      description:
        'Boot the medium in QEMU in every way that it supports before it is delivered; a failure is an error.',
    }),
  })
  .meta({
    description:
      "The medium. `start`, `firmware`, `bootTest` and `unknownHost` are for the delivered one (`ingot media`); the rest also counts for the build's own.",
  });

const trustSchema = z
  .strictObject({
    unexplained: z.enum(['warn', 'fail']).default('warn').meta({
      description:
        'What becomes of an image with files that neither a signed package, nor a rule, nor a step accounts for: told, or not delivered.',
    }),
  })
  .meta({ description: 'Every file of the image is held against the signed packages (docs/trust.md).' });

export const recipeSchema = z
  .strictObject({
    name: text(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a-z 0-9 . _ -, at most 64 characters').meta({
      description: 'Name of the image and of its folder.',
    }),
    version: text(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$/, 'a version: letters, digits and . _ + ~ -')
      .default('1')
      .meta({ description: 'Your version of the image, quoted: "1.0".' }),
    description: z.string().optional().meta({ description: 'What the image is for.' }),
    variables: variablesSchema,
    variants: variantsSchema,
    hosts: hostsSchema,
    os: osSchema,
    origin: originSchema,
    answers: answersSchema.prefault({}),
    machine: machineSchema.prefault({}),
    tuning: tuningSchema.prefault({}),
    configure: z
      .array(configureStep)
      .default([])
      .meta({ description: 'Steps over SSH after the first boot, in order.' }),
    slim: slimSchema.prefault({}),
    telemetry: telemetrySchema.prefault({}),
    seal: sealSchema.prefault({}),
    capture: captureSchema.prefault({}),
    tests: testsSchema.optional(),
    policy: z.array(z.string().min(1)).default([]).meta({
      description:
        'Policies that the image has to keep before it is delivered: ready ones by name (baseline), or files beside the recipe.',
    }),
    trust: trustSchema.prefault({}),
    media: mediaSchema.prefault({}),
  })
  .meta({ title: 'Ingot recipe', description: 'Everything about one golden image.' });

/** A recipe as the rest of the program sees it: defaults filled in, sizes in bytes, durations in milliseconds. */
export type Recipe = z.output<typeof recipeSchema>;
export type Seal = Recipe['seal'];
export type Slim = Recipe['slim'];
export type SealOperation = (typeof SEAL_OPERATIONS)[number];
export type SbomForm = (typeof SBOM_FORMS)[number];
export type CaptureFormat = (typeof CAPTURE_FORMATS)[number];
