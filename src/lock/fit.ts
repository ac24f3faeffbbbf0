/** Whether a recipe, with the files that it names today and this Ingot, is the one that a lock was written for. */
import { basename } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { debianComponents } from '../distributions/debian/medium/components.ts';
import type { Judged } from '../judgement.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { LockedBuild, LockedFile, LockedNamedFile, LockedRequest } from '../recipe/schema/lock-schema.ts';
import { isAssembled, isIso, parentOf } from '../recipe/schema/origin-schema.ts';
import { hooksDigest, lockedMirrors, requestOf, shownAddress, systemOf, wantedOf } from './make-lock.ts';
import { identityOf, lockedFiles, namedFiles } from './named-files.ts';

/** Each way in which they differ; empty when a locked build can begin. */
export const misfits = async (loaded: LoadedRecipe, build: LockedBuild): Promise<Judged[]> => {
  const { recipe, path } = loaded;
  const found: Judged[] = [];
  const tell = (rule: string, message: string, where: string, hint: string): void => {
    found.push({ rule: `lock/${rule}`, verdict: 'fails', message, where, hint });
  };
  if (basename(path) !== build.recipe)
    tell('recipe', `it was written for ${build.recipe}`, path, 'A lock lies beside its own recipe.');
  if (systemOf(loaded) !== build.system)
    tell('system', `the recipe is for ${systemOf(loaded)}, the lock for ${build.system}`, 'os', REWRITE);
  for (const difference of requestDifferences(requestOf(loaded), build.request))
    tell('request', difference, 'origin.packages, answers', REWRITE);
  const origin = originAddress(loaded);
  const locked = (build.iso ?? build.image)?.from;
  if (origin !== locked)
    tell(
      'origin',
      `the recipe begins with ${origin ?? 'packages'}, the lock with ${locked ?? 'packages'}`,
      'origin',
      REWRITE,
    );
  found.push(...digestMisfit(loaded, build.iso ?? build.image));
  if (hooksDigest(recipe.os.family) !== build.hooks)
    tell(
      'hooks',
      'this Ingot has other hooks for the installer than the one that wrote the lock',
      'installer/hooks',
      OTHER_INGOT,
    );
  if (build.archive && debianComponents(recipe.os.release).digest !== build.archive.components)
    tell(
      'components',
      'this Ingot has other stand-ins than the one that wrote the lock',
      'installer/components',
      OTHER_INGOT,
    );
  // The keys are not compared: they become newer with the host's packages, and whose signatures hold is in the lock.
  const mirrors = await lockedMirrors(loaded);
  if (mirrors?.addresses !== build.mirrors?.addresses)
    tell(
      'mirrors',
      'the finished system would get other mirrors than those of the lock, from the recipe or from the apt of this host',
      'origin.mirror',
      NAME_MIRRORS,
    );
  found.push(...fileMisfits(lockedFiles(await namedFiles(loaded)), build.files));
  if ((loaded.parent === undefined) !== (build.below === undefined))
    tell('below', 'one of recipe and lock begins with another recipe, and the other does not', 'origin.image', REWRITE);
  else if (loaded.parent && build.below) found.push(...(await misfits(loaded.parent, build.below)));
  return found;
};

const REWRITE = '`ingot lock` writes it again.';
const OTHER_INGOT = 'Build with the version of Ingot that the lock names, or write the lock again with `ingot lock`.';
const NAME_MIRRORS =
  'Name origin.mirror and origin.securityMirror (or answers.repositories) in the recipe: then the image is the same from every host.';

const originAddress = ({ recipe: { origin } }: LoadedRecipe): string | undefined => {
  if (isIso(origin)) return shownAddress(origin.iso);
  if (!('image' in origin) || parentOf(origin) !== undefined) return undefined;
  return typeof origin.image === 'string' ? shownAddress(origin.image) : undefined;
};

/** A digest in the recipe says the same as the one in the lock. */
const digestMisfit = ({ recipe: { origin } }: LoadedRecipe, file: LockedFile | undefined): Judged[] => {
  if (file === undefined || isAssembled(origin)) return [];
  const tell = (message: string, field: string): Judged => ({
    ...{ rule: 'lock/origin', verdict: 'fails', message, where: `origin.${field}`, hint: REWRITE },
  });
  const { sha256: said } = origin;
  const { wanted } = wantedOf(origin);
  if (said !== undefined && said !== file.sha256)
    return [
      tell(`the recipe says ${said.slice(0, 12)}… of ${file.name}, the lock ${file.sha256.slice(0, 12)}…`, 'sha256'),
    ];
  // With a SHA-256 nothing else counts.
  if (said !== undefined || wanted === file.wanted) return [];
  const field = origin.sha512 === undefined && origin.sums !== undefined ? 'sums' : 'sha512';
  return [
    tell(`the recipe knows ${file.name} by ${wanted ?? 'nothing'}, the lock by ${file.wanted ?? 'nothing'}`, field),
  ];
};

const requestDifferences = (now: LockedRequest | undefined, locked: LockedRequest | undefined): string[] => {
  if (now === undefined || locked === undefined)
    return canonicalJson(now) === canonicalJson(locked) ? [] : ['only one of recipe and lock asks for packages'];
  const titles = { install: 'install', onMedium: 'put on the medium', leftOut: 'leave out' } as const;
  const lists = (['install', 'onMedium', 'leftOut'] as const).flatMap((list) => [
    ...now[list]
      .filter((word) => !locked[list].includes(word))
      .map((word) => `to ${titles[list]}, not in the lock: ${word}`),
    ...locked[list]
      .filter((word) => !now[list].includes(word))
      .map((word) => `in the lock, no more to ${titles[list]}: ${word}`),
  ]);
  return now.standIns === locked.standIns
    ? lists
    : [...lists, `standIns: ${now.standIns}, the lock has ${locked.standIns}`];
};

/** By where the recipe names them and their path there. */
export const fileMisfits = (now: readonly LockedNamedFile[], locked: readonly LockedNamedFile[]): Judged[] => {
  const before = new Map(locked.map((file) => [identityOf(file), file]));
  const after = new Set(now.map(identityOf));
  const told = (rule: string, { at, path }: LockedNamedFile, message: string): Judged => ({
    rule: `lock/${rule}`,
    verdict: 'fails',
    message: `${path} ${message}`,
    where: at,
    hint: 'Take the file of that time again, or write the lock again with `ingot lock`.',
  });
  return [
    ...now.flatMap((file) => {
      const known = before.get(identityOf(file));
      if (known === undefined) return [told('file-new', file, 'is not in the lock')];
      const difference = fileDifference(file, known);
      return difference === undefined ? [] : [told('file-differs', file, difference)];
    }),
    ...locked
      .filter((file) => !after.has(identityOf(file)))
      .map((file) => told('file-gone', file, 'is in the lock, and the recipe names it no more')),
  ];
};

const fileDifference = (now: LockedNamedFile, locked: LockedNamedFile): string | undefined => {
  if (now.kind !== locked.kind) return `is a ${now.kind}, in the lock a ${locked.kind}`;
  if (now.target !== locked.target) return `leads to ${now.target}, in the lock to ${locked.target}`;
  if (now.sha256 !== locked.sha256)
    return `has another content: ${now.sha256?.slice(0, 12)}…, in the lock ${locked.sha256?.slice(0, 12)}…`;
  return now.kind !== 'link' && now.mode !== locked.mode
    ? `has mode ${now.mode}, in the lock ${locked.mode}`
    : undefined;
};
