/** Where a build starts: an ISO, or a Debian medium assembled from signed packages. */
import { z } from 'zod';
import { debianWish, hasNoLogin, hostPath, NO_LOGIN, text } from './field-values.ts';

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
    sha256: text(/^[0-9A-Fa-f]{64}$/, 'a SHA-256, 64 hex digits')
      .transform((digest) => digest.toLowerCase())
      .meta({ description: 'The SHA-256 of the ISO, as its publisher signed it.' }),
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
        description: 'HTTP proxy by which the installer reaches the mirror; the finished system does not keep it.',
      }),
  })
  .meta({ description: 'An install ISO with its SHA-256.' });

const assembledOrigin = z
  .strictObject({
    assemble: z
      .literal('debian')
      .meta({ description: "A small install ISO made from Debian's own installer and packages." }),
    mirror: archiveUrl
      .optional()
      .meta({ description: "Debian mirror; the one in the host's apt configuration when absent." }),
    securityMirror: archiveUrl
      .optional()
      .meta({ description: "Mirror of the security suite; the one in the host's apt configuration when absent." }),
    keyring: hostPath
      .optional()
      .meta({ description: "OpenPGP keyring that signed the archive; the host's Debian keyring when absent." }),
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

export const originSchema = z
  .union([assembledOrigin, isoOrigin])
  .meta({ description: 'What the build starts from: an install ISO, or a medium assembled from packages.' });
export type Origin = z.output<typeof originSchema>;
export type AssembledOrigin = z.output<typeof assembledOrigin>;
export type IsoOrigin = z.output<typeof isoOrigin>;

export const isAssembled = (origin: Origin): origin is AssembledOrigin => 'assemble' in origin;

export const isIso = (origin: Origin): origin is IsoOrigin => 'iso' in origin;

/** Whether an ISO is fetched instead of read from the host. */
export const isUrl = (iso: string): boolean => iso.startsWith('https://');

/** Where the installer gets what its medium does not have; an assembled one has all. */
export const installerMirror = (origin: Origin): string | undefined => (isIso(origin) ? origin.mirror : undefined);

/** By which it reaches that mirror. */
export const installerProxy = (origin: Origin): string | undefined => (isIso(origin) ? origin.proxy : undefined);

/** The ISO that lies on this host, as the recipe names it. */
export const localIso = (origin: Origin): string | undefined =>
  isIso(origin) && !isUrl(origin.iso) ? origin.iso : undefined;
