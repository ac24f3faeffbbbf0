/**
 * Which components the assembled installer is made of: Debian's udebs where the mirror has them, stand-ins from
 * `installer/` where it has not. The data is `installer/debian-12/components.json`, explained in `installer/README.md`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../host/files.ts';

const partSchema = z.strictObject({
  package: z.string(),
  /** Below the package's root; a trailing slash takes the whole folder. A link is taken as what it points to. */
  files: z.array(z.string()).min(1),
  /** Whether the package's debconf templates belong to the component. */
  templates: z.boolean().optional(),
});

const familySchema = z.strictObject({
  name: z.string(),
  for: z.string(),
  real: z.array(z.string()).min(1),
  debs: z.array(partSchema),
});

const componentsSchema = z.strictObject({
  kernelModules: z.array(z.string()),
  udebs: z.array(z.string()),
  leaveOut: z.array(z.string()),
  families: z.array(familySchema),
});

export type Components = z.output<typeof componentsSchema>;
export type Family = Components['families'][number];

/** The folder of data beside the code, in a checkout as in the installed package. */
export const installerFolder = (): string => join(import.meta.dirname, '../../../installer');

const componentsFile = (): string => join(installerFolder(), 'debian-12/components.json');

export const readComponents = (): Components =>
  componentsSchema.parse(JSON.parse(readFileSync(componentsFile(), 'utf8')));

/** The kernel's modules come as udebs named after its release: `ext4-modules-6.1.0-50-amd64-di`. */
const moduleUdebs = (components: Components, kernelRelease: string): string[] =>
  components.kernelModules.map((name) => `${name}-${kernelRelease}-di`);

export interface ComponentChoice {
  /** Real udebs to preload, by name. Those that the initrd has already are passed over when it is built. */
  readonly udebs: readonly string[];
  readonly standIns: readonly { readonly name: string; readonly reason: string }[];
  /** Ordinary packages from which stand-ins take files. */
  readonly debs: readonly string[];
}

/** Every udeb that would be used if the mirror had it. */
export const candidateUdebs = (kernelRelease: string, components = readComponents()): string[] => [
  ...moduleUdebs(components, kernelRelease),
  ...components.udebs,
  ...components.families.flatMap(({ real }) => real),
];

/**
 * A family is taken from the mirror when that has all of it, otherwise its stand-in takes over. Kernel modules and the
 * other udebs have no stand-in: they are always in `udebs`, and missing ones are for the caller to refuse.
 */
export const chooseComponents = (
  available: ReadonlySet<string>,
  kernelRelease: string,
  components = readComponents(),
): ComponentChoice => {
  const missing = ({ real }: Family): string[] => real.filter((name) => !available.has(name));
  const standing = components.families.filter((family) => missing(family).length > 0);
  const real = components.families.filter((family) => !standing.includes(family));
  return {
    udebs: [...moduleUdebs(components, kernelRelease), ...components.udebs, ...real.flatMap((family) => family.real)],
    standIns: standing.map((family) => ({ name: family.name, reason: reasonFor(family, missing(family)) })),
    debs: [...new Set(standing.flatMap(({ debs }) => debs.map((part) => part.package)))],
  };
};

const reasonFor = (family: Family, missing: readonly string[]): string => {
  const shown = missing.slice(0, 3).join(', ') + (missing.length > 3 ? `, and ${missing.length - 3} more` : '');
  return `${family.for}; the mirror does not have ${shown}`;
};

/** Everything below `installer/debian-12`: what a stand-in does is part of what the medium is. */
const dataDigest = (): string => {
  const folder = join(installerFolder(), 'debian-12');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return sha256(JSON.stringify(files.map((name) => [name, sha256(readFileSync(join(folder, name)))])));
};

/** What `resolve.ts` asks: the choice as an object, with a digest of the data behind it. */
export const debianComponents = () => ({
  candidates: (kernelRelease: string) => candidateUdebs(kernelRelease),
  choose: (available: ReadonlySet<string>, kernelRelease: string) => chooseComponents(available, kernelRelease),
  digest: dataDigest(),
});
