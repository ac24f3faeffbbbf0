/** Where a build starts: an ISO, a Debian medium assembled from signed packages, or a disk image. */
import { z } from 'zod';
import { debianWish, hasNoLogin, hostPath, NO_LOGIN, text } from './field-values.ts';
import { isProven, proofFields, requireOneProof, type Sums } from './sums-schema.ts';

/** Formats of images that are taken; `vhd` is QEMU's `vpc`. */
export const INTAKE_FORMATS = ['qcow2', 'raw', 'vmdk', 'vhd', 'vhdx', 'vdi', 'ova'] as const;
export type IntakeFormat = (typeof INTAKE_FORMATS)[number];

export const STAND_INS = ['never', 'where-missing', 'always'] as const;
export type StandInChoice = (typeof STAND_INS)[number];

const archiveUrl = z
  .url({ protocol: /^(https?|file)$/, error: 'a URL of an archive (http, https or file)' })
  .refine(hasNoLogin, NO_LOGIN);

const isoOrigin = z
  .strictObject({
    iso: text(/^(https:\/\/\S+|(?![a-z]+:\/\/)[^\n\0]+)$/, 'the path of an ISO (beside the recipe) or an https URL')
      .refine(hasNoLogin, NO_LOGIN)
      .meta({ description: 'Path of an install ISO (beside the recipe) or an https URL.' }),
    ...proofFields,
    packageKeys: z.array(hostPath).min(1).optional().meta({
      description:
        'OpenPGP keys of the vendor, files beside the recipe: each rpm package on the ISO has to be signed by one of them. For the RHEL family and Fedora, whose media have indexes that nobody signed.',
    }),
    mirror: z
      .url({ protocol: /^https?$/, error: 'a URL of an archive (http or https)' })
      .refine(hasNoLogin, NO_LOGIN)
      .optional()
      .meta({
        description:
          "Where the installer gets what the ISO does not have: Debian's archive, or the install tree of the RHEL family and Fedora. The ISO has all when absent.",
      }),
    proxy: z
      .url({ protocol: /^http$/, error: 'a URL of a proxy (http)' })
      .refine(hasNoLogin, NO_LOGIN)
      .optional()
      .meta({
        description: 'HTTP proxy through which the installer reaches the mirror; the finished system does not keep it.',
      }),
  })
  .superRefine(requireOneProof)
  .meta({ description: 'An install ISO, with its digest or the sums that have it.' });

const mirrorFields = {
  mirror: archiveUrl
    .optional()
    .meta({ description: "Debian mirror; the one in the host's apt configuration when absent." }),
  securityMirror: archiveUrl
    .optional()
    .meta({ description: "Mirror of the security suite; the one in the host's apt configuration when absent." }),
  keyring: hostPath
    .optional()
    .meta({ description: "OpenPGP keyring that signed the archive; the host's Debian keyring when absent." }),
};
/** Where Debian's packages come from, as far as a recipe says it. */
export type MirrorFields = Partial<Record<keyof typeof mirrorFields, string | undefined>>;

const assembledOrigin = z
  .strictObject({
    assemble: z
      .literal('debian')
      .meta({ description: "A small install ISO made from Debian's own installer and packages." }),
    ...mirrorFields,
    snapshot: archiveUrl.optional().meta({
      description: 'A mirror that keeps old files: a build with `--locked` asks it for what the mirror has no more.',
    }),
    securitySnapshot: archiveUrl
      .optional()
      .meta({ description: 'The same for the security suite; `snapshot` when absent.' }),
    packages: z.array(debianWish).default([]).meta({
      description:
        'Packages on the medium, with their dependencies, that are not installed; configure steps can install them without a network.',
    }),
    standIns: z
      .enum(STAND_INS, {
        error: 'never, where-missing or always (`allow` is now `where-missing`, `forbid` is `never`)',
      })
      .default('where-missing')
      .meta({
        description:
          'Where small components of Ingot take the place of installer components: never, where-missing (the mirror lacks them), always (quicker under emulation; the same system).',
      }),
  })
  .meta({ description: 'A medium assembled from signed packages.' });

/** How the build gets into a system that somebody else has made. */
export const WAYS_IN = ['cloud-init', 'credential', 'offline'] as const;
export type WayIn = (typeof WAYS_IN)[number];

const imageFile = text(
  /^(https:\/\/\S+|(?![a-z]+:\/\/)[^\n\0]+)$/,
  'the path of a disk image (beside the recipe) or an https URL',
)
  .refine(hasNoLogin, NO_LOGIN)
  .meta({ description: 'Path of a disk image (beside the recipe) or an https URL.' });

const imageOfRecipe = z
  .strictObject({
    recipe: hostPath.meta({ description: 'The recipe, a path relative to this one; it is built, or found, first.' }),
    variables: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
      .default({})
      .meta({ description: 'Values of its variables.' }),
  })
  .meta({ description: 'The image of another recipe: a layer below this one.' });

const imageOrigin = z
  .strictObject({
    image: z
      .union([imageFile, imageOfRecipe])
      .meta({ description: 'The image: its path, an https URL, or the recipe that makes it.' }),
    format: z
      .enum(INTAKE_FORMATS, { error: `one of ${INTAKE_FORMATS.join(', ')}` })
      .optional()
      .meta({ description: "Its format, where the file's name does not say it." }),
    ...proofFields,
    ...mirrorFields,
    access: z
      .enum(['auto', ...WAYS_IN])
      .default('auto')
      .meta({
        description:
          'How the build gets in: cloud-init (a seed volume), credential (systemd 256 and later), offline (its unit is written to the disk before it starts); auto takes the first that the image understands.',
      }),
  })
  .superRefine((origin, context) => {
    const { image, format } = origin;
    if (typeof image === 'string' && (isUrl(image) || isProven(origin))) requireOneProof(origin, context);
    if (typeof image === 'string' || !(isProven(origin) || format !== undefined)) return;
    const message = 'a file: the image of a recipe needs no digest and no format';
    context.addIssue({ code: 'custom', path: ['image'], message });
  })
  .meta({ description: 'A disk image that somebody else has made.' });

export const originSchema = z.union([assembledOrigin, isoOrigin, imageOrigin]).meta({
  description: 'What the build starts from: an install ISO, a medium assembled from packages, or a disk image.',
});
export type Origin = z.output<typeof originSchema>;
export type AssembledOrigin = z.output<typeof assembledOrigin>;
export type IsoOrigin = z.output<typeof isoOrigin>;
export type ImageOrigin = z.output<typeof imageOrigin>;
/** The image of another recipe. */
export type ImageOfRecipe = z.output<typeof imageOfRecipe>;
/** What an installer is started from. */
export type MediumOrigin = AssembledOrigin | IsoOrigin;

export const isAssembled = (origin: Origin): origin is AssembledOrigin => 'assemble' in origin;
export const isImage = (origin: Origin): origin is ImageOrigin => 'image' in origin;

export const isIso = (origin: Origin): origin is IsoOrigin => 'iso' in origin;

/** Whether an ISO or image is fetched instead of read from the host. */
export function isUrl(place: string): boolean {
  return place.startsWith('https://');
}

/** Where the installer gets what its medium does not have; an assembled one has all. */
export const installerMirror = (origin: Origin): string | undefined => (isIso(origin) ? origin.mirror : undefined);

/** The proxy through which it reaches that mirror. */
export const installerProxy = (origin: Origin): string | undefined => (isIso(origin) ? origin.proxy : undefined);

/** The image that lies on this host, as the recipe names it. */
export const localImage = (origin: Origin): string | undefined =>
  isImage(origin) && typeof origin.image === 'string' && !isUrl(origin.image) ? origin.image : undefined;

/** The recipe below this one. */
export const parentOf = (origin: Origin): ImageOfRecipe | undefined =>
  isImage(origin) && typeof origin.image === 'object' ? origin.image : undefined;

/** The ISO that lies on this host, as the recipe names it. */
export const localIso = (origin: Origin): string | undefined =>
  isIso(origin) && !isUrl(origin.iso) ? origin.iso : undefined;

/** The sums that prove what the origin names, where the recipe has them instead of a digest. */
export const sumsOf = (origin: Origin): Sums | undefined => ('sums' in origin ? origin.sums : undefined);
