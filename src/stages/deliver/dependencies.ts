/**
 * `resolvedDependencies` of a provenance: everything that went into an image, each by digest. A list that names the
 * repository of the recipe and no more says nothing of what is on the disk.
 */
import { join } from 'node:path';
import type { ResourceDescriptor } from '../../attest/statement.ts';
import type { Lock, LockedPackage } from '../../distributions/debian/archive/package-lock.ts';
import { debianRelease, withSuites } from '../../distributions/debian/archive/releases.ts';
import { componentFolder } from '../../distributions/debian/medium/components.ts';
import { purl } from '../../formats/packages/purl.ts';
import { sha256, sha256File } from '../../host/files.ts';
import { ingotVersion, projectFolder } from '../../host/project.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type AssembledOrigin, isAssembled, isImage, isIso } from '../../recipe/schema/origin-schema.ts';
import { withoutUrlSecrets } from '../../recipe/secrets/url-secrets.ts';
import { mirrorsOf } from '../origin/mirrors.ts';
import { policiesOf } from '../policy/policies.ts';
import type { DeliveredOrigin } from './delivered-origin.ts';
import { folderDigest, ingotDigest, namedFiles } from './named-files.ts';
import { statedLock } from './stated-lock.ts';

/** The recipe, what it names, what it starts from, and Ingot; of an image that another recipe makes, the same again. */
export const dependenciesOf = async (loaded: LoadedRecipe, origin: DeliveredOrigin): Promise<ResourceDescriptor[]> => {
  const all = [...(await recipeDependencies(loaded, origin)), ...(await ownDependencies())];
  const known = new Map(all.map((one) => [JSON.stringify([one.name, one.uri, one.digest]), one]));
  return [...known.values()];
};

const recipeDependencies = async (loaded: LoadedRecipe, origin: DeliveredOrigin): Promise<ResourceDescriptor[]> => [
  {
    name: loaded.path.slice(loaded.path.lastIndexOf('/') + 1),
    digest: { sha256: sha256(loaded.text) },
    annotations: { for: 'recipe' },
  },
  ...lockDependency(loaded),
  ...(await namedFiles(loaded)),
  ...(await policiesOf(loaded)).map(({ name, digest }) => ({
    name,
    digest: { sha256: digest },
    annotations: { for: 'policy', digestOf: 'its text, and those of the policies that it builds on' },
  })),
  ...originDependencies(loaded, origin),
  ...(await archiveDependencies(loaded, origin.lock)),
  ...(origin.added?.packages ?? []).map(({ name, version, arch, sha256: digest, source }) => ({
    name: `${name} ${version}`,
    uri: debUrl({ name, version, arch }, loaded.recipe.os.release),
    digest: { sha256: digest },
    annotations: {
      for: isImage(loaded.recipe.origin) ? 'package for the image' : 'media.packages',
      source: withoutUrlSecrets(source),
    },
  })),
  ...(loaded.parent === undefined || origin.parent === undefined
    ? []
    : await recipeDependencies(loaded.parent, origin.parent)),
];

const lockDependency = (loaded: LoadedRecipe): ResourceDescriptor[] => {
  const lock = statedLock(loaded);
  return lock === undefined ? [] : [{ name: lock.file, digest: { sha256: lock.sha256 }, annotations: { for: 'lock' } }];
};

const originDependencies = ({ recipe }: LoadedRecipe, { sha256: digest }: DeliveredOrigin): ResourceDescriptor[] => {
  const { origin } = recipe;
  if (isAssembled(origin)) return [];
  const place = isIso(origin)
    ? origin.iso
    : isImage(origin) && typeof origin.image === 'string'
      ? origin.image
      : undefined;
  const source = place ?? (isImage(origin) && typeof origin.image === 'object' ? origin.image.recipe : '');
  const clean = withoutUrlSecrets(source);
  return [
    {
      name: clean.slice(clean.lastIndexOf('/') + 1),
      ...(place !== undefined && /^https?:/.test(clean) ? { downloadLocation: clean } : {}),
      digest: { sha256: digest },
      annotations: {
        for: isIso(origin) ? 'origin.iso' : place === undefined ? 'origin.image of a recipe' : 'origin.image',
      },
    },
  ];
};

/** Signed indexes, packages and components of the installer, and the keys they were checked with. */
const archiveDependencies = async (loaded: LoadedRecipe, lock: Lock | undefined): Promise<ResourceDescriptor[]> => {
  const { origin, os } = loaded.recipe;
  if (lock === undefined || !isAssembled(origin)) return [];
  const base = await archiveBases(loaded, origin, lock);
  const fetched = (one: LockedPackage, use: string): ResourceDescriptor => ({
    name: one.filename.slice(one.filename.lastIndexOf('/') + 1),
    uri: debUrl(one, os.release),
    digest: { sha256: one.sha256 },
    downloadLocation: `${base.of(one.suite)}/${one.filename}`,
    annotations: { for: use },
  });
  return [
    ...lock.suites.map(({ name, inRelease, date, signers }) => ({
      name: `${name}/InRelease`,
      uri: `${base.of(name)}/dists/${name}/InRelease`,
      digest: { sha256: inRelease.sha256 },
      annotations: { for: 'signed index', date, signers },
    })),
    ...base.keys,
    ...lock.debs.map((one) => fetched(one, one.install === undefined ? 'package on the medium' : 'package')),
    ...lock.udebs.map((one) => fetched(one, 'installer component')),
    ...lock.parts.map((one) => fetched(one, 'installer part')),
    ...(await Promise.all(
      lock.standIns.map(async ({ name, reason }) => ({
        name: `installer/components/${name}`,
        digest: { sha256: await folderDigest(componentFolder(name)) },
        annotations: { for: 'stand-in', reason, digestOf: FOLDER },
      })),
    )),
  ];
};

const FOLDER = 'the lines of sha256sum for the files below it, sorted by path';

const archiveBases = async (loaded: LoadedRecipe, origin: AssembledOrigin, lock: Lock) => {
  const mirrors = await mirrorsOf(loaded, origin);
  const release = withSuites(debianRelease(loaded.recipe.os.release), []);
  const archives = new Map(release.suites.map(({ name, archive }) => [name, archive]));
  const keys = await Promise.all(
    mirrors.keys.map(async (key): Promise<ResourceDescriptor> => {
      const isFile = key.startsWith('/');
      return {
        name: isFile ? key.slice(key.lastIndexOf('/') + 1) : 'a key of the apt configuration',
        digest: { sha256: isFile ? await sha256File(key) : sha256(key) },
        annotations: { for: 'keys of the archive' },
      };
    }),
  );
  const known = new Set(lock.suites.map(({ name }) => name));
  return {
    keys,
    of: (suite: string) =>
      withoutUrlSecrets(mirrors.urls[known.has(suite) ? (archives.get(suite) ?? 'mirror') : 'mirror']),
  };
};

const debUrl = (
  one: { readonly name: string; readonly version: string; readonly arch: string },
  release: string,
): string =>
  purl({
    type: 'deb',
    namespace: 'debian',
    name: one.name,
    version: one.version,
    qualifiers: { arch: one.arch, distro: `debian-${release}` },
  });

/** What Ingot puts into an installer and a guest stands by itself, so that a change of it is seen. */
const ownDependencies = async (): Promise<ResourceDescriptor[]> => [
  {
    name: 'ingot',
    uri: purl({ type: 'npm', name: 'ingot', version: ingotVersion() }),
    digest: { sha256: await ingotDigest() },
    annotations: { for: 'the builder itself', digestOf: FOLDER },
  },
  {
    name: 'installer/hooks',
    digest: { sha256: await folderDigest(join(projectFolder, 'installer', 'hooks')) },
    annotations: { for: 'hooks inside the installer', digestOf: FOLDER },
  },
];
