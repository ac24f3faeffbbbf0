/** From a recipe, and what the first stages have made of it, to what its lock says. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { leftOut, requestedPackages } from '../distributions/debian/archive/implied.ts';
import { archiveOf } from '../distributions/debian/archive/locked-archive.ts';
import { installerFolder } from '../distributions/debian/medium/components.ts';
import { sha256 } from '../host/files.ts';
import { ingotVersion } from '../host/project.ts';
import { toolVersion } from '../host/tools.ts';
import type { SumsProof } from '../origin/sums.ts';
import type { MadeInputs } from '../plan/inputs-list.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import {
  LOCK_FILE_FORMAT,
  type LockedBuild,
  type LockedFile,
  type LockedRequest,
  type LockFile,
} from '../recipe/schema/lock-schema.ts';
import { isAssembled, isImage, isIso } from '../recipe/schema/origin-schema.ts';
import type { Proof, Sums } from '../recipe/schema/sums-schema.ts';
import { fingerprintsOf } from '../recipe/schema/vendor-keys.ts';
import { secretReferences } from '../recipe/secrets/secrets.ts';
import { withoutUrlSecrets } from '../recipe/secrets/url-secrets.ts';
import { aptWord } from '../recipe/values/package-wish.ts';
import { systemMirrors } from '../stages/answers/answers-stage.ts';
import { addsToImage, namesFor } from '../stages/origin/image-packages-stage.ts';
import { mirrorsOf } from '../stages/origin/mirrors.ts';
import { keyFiles } from './key-files.ts';
import { lockedAddition } from './locked-addition.ts';
import { lockedFiles, namedFiles } from './named-files.ts';

export const lockedBuild = async (loaded: LoadedRecipe, made: MadeInputs): Promise<LockedBuild> => {
  const { origin } = loaded.recipe;
  return {
    ...(await localParts(loaded)),
    ...(made.lock === undefined ? {} : { archive: archiveOf(made.lock) }),
    ...(isIso(origin) && made.file ? { iso: lockedFile(origin.iso, origin, made.file) } : {}),
    ...(isImage(origin) && typeof origin.image === 'string' && made.file
      ? { image: lockedFile(origin.image, origin, made.file) }
      : {}),
    ...(made.added === undefined ? {} : { added: await lockedAddition(made.added, loaded) }),
    ...(loaded.parent === undefined || made.below === undefined
      ? {}
      : { below: await lockedBuild(loaded.parent, made.below) }),
  };
};

/** What needs no mirror and no publisher to be known. */
export const localParts = async (loaded: LoadedRecipe): Promise<LockedBuild> => {
  const request = requestOf(loaded);
  const mirrors = await lockedMirrors(loaded);
  return {
    recipe: basename(loaded.path),
    system: systemOf(loaded),
    hooks: hooksDigest(loaded.recipe.os.family),
    ...(request === undefined ? {} : { request }),
    ...(mirrors === undefined ? {} : { mirrors }),
    secrets: secretNames(loaded),
    files: lockedFiles(await namedFiles(loaded)),
  };
};

/** With the versions of what wrote it. */
export const lockFileOf = async (builds: Readonly<Record<string, LockedBuild>>): Promise<LockFile> => ({
  format: LOCK_FILE_FORMAT,
  ingot: ingotVersion(),
  tools: {
    node: process.versions.node,
    qemu: await versionOf('qemu-system-x86_64'),
    xorriso: await versionOf('xorriso'),
  },
  builds: Object.fromEntries(Object.entries(builds).toSorted(([one], [other]) => (one < other ? -1 : 1))),
});

const versionOf = (tool: 'qemu-system-x86_64' | 'xorriso'): Promise<string> =>
  toolVersion(tool).catch(() => 'not there');

export const systemOf = ({ recipe: { os } }: LoadedRecipe): string => `${os.family} ${os.release} ${os.arch}`;

/** As the key of *resolve* has it. */
export const requestOf = ({ recipe }: LoadedRecipe): LockedRequest | undefined => {
  if (addsToImage(recipe)) {
    return { install: namesFor(recipe).sort(), onMedium: [], leftOut: [], standIns: 'never' };
  }
  if (!isAssembled(recipe.origin)) return undefined;
  const asked = requestedPackages(recipe);
  return {
    install: asked.install.map(aptWord).sort(),
    onMedium: asked.extra.map(aptWord).sort(),
    leftOut: leftOut(recipe)
      .map(({ name }) => name)
      .sort(),
    standIns: recipe.origin.standIns,
  };
};

/** Addresses that the finished system gets from the host, since the recipe names none. */
export const lockedMirrors = async (loaded: LoadedRecipe): Promise<LockedBuild['mirrors']> => {
  const { origin } = loaded.recipe;
  const addresses = await systemMirrors(loaded);
  if (addresses === undefined) return undefined;
  if (isAssembled(origin) && origin.mirror !== undefined && origin.securityMirror !== undefined) return undefined;
  const { keys } = await mirrorsOf(loaded, isAssembled(origin) ? origin : {});
  return {
    addresses: sha256(canonicalJson(addresses)),
    keys: (await keyFiles(keys)).map((content) => sha256(content)).sort(),
  };
};

/** Of an address or path in the recipe what is the same on each host, and no part that is a secret. */
export const shownAddress = (address: string): string =>
  address.startsWith('/') ? basename(address) : withoutUrlSecrets(address);

const lockedFile = (
  address: string,
  wish: Proof,
  { sha256: digest, proof }: { readonly sha256: string; readonly proof: SumsProof | undefined },
): LockedFile => ({
  name: basename(withoutUrlSecrets(address)),
  from: shownAddress(address),
  sha256: digest,
  proved: provedBy(proof),
  ...wantedOf(wish),
});

/** The words of a recipe by which a file has to be known, beside its SHA-256. */
export const wantedOf = ({ sha512, sums }: Proof): Pick<LockedFile, 'wanted'> => {
  if (sha512 !== undefined) return { wanted: `sha512 ${sha512}` };
  if (sums === undefined) return {};
  const { signature, key } = sums;
  const place = ({ url, file }: Pick<Sums, 'url' | 'file'>) => url ?? file ?? '';
  const signed = signature === undefined ? '' : `, signature ${place(signature)}`;
  return {
    wanted: `sums ${place(sums)}${signed}${key === undefined ? '' : `, key ${fingerprintsOf(key).join(' or ')}`}`,
  };
};

const provedBy = (proof: SumsProof | undefined): string => {
  if (proof === undefined) return 'by the digest in the recipe, or not at all';
  return proof.signedBy === undefined
    ? 'by sums without a signature'
    : `by sums signed by ${proof.signedBy.fingerprint} on ${proof.signedBy.date}`;
};

/** Names, never values; a path only where it is the same on each host. */
const secretNames = ({ recipe }: LoadedRecipe): string[] =>
  secretReferences(recipe, '/')
    .map((reference) => ('env' in reference ? `env ${reference.env}` : `file ${basename(reference.file)}`))
    .sort();

/** Ingot's own scripts that run in an installer; the stand-ins are in the list of packages. */
export const hooksDigest = (family: string): string => {
  if (family !== 'debian') return sha256(family);
  const folder = installerFolder();
  const names = ['hooks', 'hosts'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' }).map((name) => join(part, name)),
  );
  const files = names.filter((name) => statSync(join(folder, name)).isFile()).sort();
  return sha256(canonicalJson(files.map((name) => [name, sha256(readFileSync(join(folder, name)))])));
};
