/**
 * Which components the assembled installer is made of: Debian's udebs where the mirror has them, stand-ins from
 * `installer/components/` where it has not, or as the recipe says. The data is `installer/debian-<release>.json`,
 * explained in `installer/README.md`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { IngotError } from '../../../errors.ts';
import { parseStanza } from '../../../formats/packages/deb822.ts';
import { sha256 } from '../../../host/files.ts';
import { projectFolder } from '../../../host/project.ts';
import type { StandInChoice } from '../../../recipe/schema/origin-schema.ts';
import type { PackageEntry, PackageIndex } from '../archive/package-index.ts';
import { parseRelations } from '../archive/relations.ts';
import { type UdebClosure, udebClosure } from './udeb-closure.ts';

const partSchema = z.strictObject({
  package: z.string(),
  /** Below the package's root; a trailing slash takes the whole folder. A link is taken as what it points to. */
  files: z.array(z.string()).min(1),
  /** Whether the package's debconf templates belong to the component. */
  templates: z.boolean().optional(),
});

const ownSchema = z.strictObject({ name: z.string(), for: z.string() });

const familySchema = z.strictObject({
  ...ownSchema.shape,
  /** Udebs that do the same; what they depend on comes with them. */
  real: z.array(z.string()).min(1),
  debs: z.array(partSchema),
});

const componentsSchema = z.strictObject({
  kernelModules: z.array(z.string()),
  udebs: z.array(z.string()),
  leaveOut: z.array(z.string()),
  /** Jobs that Ingot does itself on a medium of its own; these components only say so, whatever the mirror has. */
  own: z.array(ownSchema),
  families: z.array(familySchema),
});

export type Components = z.output<typeof componentsSchema>;
export type ComponentFamily = Components['families'][number];

/** The folder of data next to the code, in a checkout and in the installed package. */
export const installerFolder = (): string => join(projectFolder, 'installer');

/** Where the files of a stand-in, or of a component of Ingot's own, lie. */
export const componentFolder = (name: string): string => join(installerFolder(), 'components', name);

const componentsFile = (release: string): string => join(installerFolder(), `debian-${release}.json`);

export const readComponents = (release: string): Components =>
  componentsSchema.parse(JSON.parse(readFileSync(componentsFile(release), 'utf8')));

export interface ComponentChoice {
  /** Real udebs to preload, by name. Those that are already in the initrd are passed over when it is built. */
  readonly udebs: readonly string[];
  readonly standIns: readonly { readonly name: string; readonly reason: string }[];
  /** Ordinary packages from which stand-ins take files. */
  readonly debs: readonly string[];
}

export interface ComponentsContext {
  /** `6.1.0-50-amd64`; the kernel's modules come as udebs named after it. */
  readonly kernelRelease: string;
  readonly udebs: PackageIndex;
  /** What the installer's initrd has, virtual names included. */
  readonly installed: ReadonlySet<string>;
  readonly standIns: StandInChoice;
}

/** The udebs that would be used if the mirror had them, and the choice once it is known which it really has. */
export interface ComponentPlan {
  readonly candidates: readonly PackageEntry[];
  choose(available: ReadonlySet<string>): ComponentChoice;
}

/**
 * A family is taken from the mirror when that has all of it, with all that it depends on; otherwise its stand-in takes
 * over. Kernel modules and the other udebs have no stand-in: they are always in `udebs`, and the
 * caller refuses missing ones.
 */
export const planComponents = (components: Components, context: ComponentsContext): ComponentPlan => {
  const { kernelRelease, udebs, installed, standIns } = context;
  const given = new Set([...components.own, ...components.families].flatMap(({ name }) => standInNames(name)));
  for (const family of components.families) for (const name of family.real) given.add(name);
  const closure = (wanted: readonly string[], own: readonly string[] = []): UdebClosure =>
    udebClosure(wanted, { index: udebs, kernelRelease, has: union(installed, given, own) });
  const always = closure([
    ...components.kernelModules.map((name) => `${name}-${kernelRelease}-di`),
    ...components.udebs,
  ]);
  const families = components.families.map((family) => ({
    family,
    real: closure(family.real, family.real),
  }));
  return {
    candidates: unique([always, ...(standIns === 'always' ? [] : families.map(({ real }) => real))]),
    choose: (available) => {
      const standing = families.flatMap(({ family, real }) => {
        const reason = reasonFor(family, real, available, standIns);
        return reason === undefined ? [] : [{ family, reason }];
      });
      const taken = families.filter(({ family }) => !standing.some((one) => one.family === family));
      return {
        udebs: [
          ...always.missing.map(({ name }) => name),
          ...unique([always, ...taken.map(({ real }) => real)]).map(({ name }) => name),
        ],
        standIns: standing.map(({ family, reason }) => ({ name: family.name, reason })),
        debs: [...new Set(standing.flatMap(({ family }) => family.debs.map((part) => part.package)))],
      };
    },
  };
};

/** The sets without what the family itself brings: that is looked for in the index. */
const union = (
  installed: ReadonlySet<string>,
  given: ReadonlySet<string>,
  own: readonly string[],
): ReadonlySet<string> => {
  const all = new Set([...installed, ...given]);
  for (const name of own) if (!installed.has(name)) all.delete(name);
  return all;
};

const unique = (closures: readonly UdebClosure[]): PackageEntry[] => [
  ...new Map(closures.flatMap(({ udebs }) => udebs).map((entry) => [entry.name, entry])).values(),
];

/** What a component of `installer/components/` is called and provides. */
const standInNames = (name: string): string[] => {
  const control = parseStanza(readFileSync(join(componentFolder(name), 'control'), 'utf8'));
  return [name, ...parseRelations(control.get('provides')).flat()];
};

/** Throws `origin.stand-in-missing` for a name that the table of the release does not have. */
export const familyOf = (name: string, families: readonly ComponentFamily[]): ComponentFamily => {
  const family = families.find((candidate) => candidate.name === name);
  if (family) return family;
  throw new IngotError('origin.stand-in-missing', `there is no stand-in "${name}"`, {
    where: 'installer/components',
    hint: 'The lock was made by another version of Ingot: build with --refresh.',
  });
};

/** Why the stand-in is taken; undefined when the real component is. */
const reasonFor = (
  family: ComponentFamily,
  { udebs, missing }: UdebClosure,
  available: ReadonlySet<string>,
  choice: StandInChoice,
): string | undefined => {
  if (choice === 'always') return `${family.for}; the recipe says so`;
  const gone = [...missing, ...udebs.filter(({ name }) => !available.has(name))].map(({ name }) => name);
  if (gone.length === 0) return undefined;
  const shown = gone.slice(0, 3).join(', ') + (gone.length > 3 ? `, and ${gone.length - 3} more` : '');
  return `${family.for}; the mirror does not have ${shown}`;
};

/** Everything below `installer/` that becomes part of a medium of this release before the hooks come. */
const dataDigest = (release: string): string => {
  const folder = join(installerFolder(), 'components');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  const digests = files.map((name) => [name, sha256(readFileSync(join(folder, name)))]);
  return sha256(JSON.stringify([...digests, sha256(readFileSync(componentsFile(release)))]));
};

/** What `resolve.ts` asks: the plan for a release, with a digest of the data after it. */
export const debianComponents = (release: string) => ({
  plan: (context: ComponentsContext) => planComponents(readComponents(release), context),
  digest: dataDigest(release),
});
