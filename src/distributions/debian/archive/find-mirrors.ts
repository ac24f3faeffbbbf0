/** Which mirrors to use and which keys to trust: the recipe says it, or the host's apt does. */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../../../errors.ts';
import type { AptSource } from '../../../formats/packages/apt-sources.ts';
import { words } from '../../../formats/packages/deb822.ts';
import { isArmored } from '../../../formats/signatures/armor.ts';
import { ifThere, isThere } from '../../../host/if-there.ts';
import { DEBIAN_KEYRING } from '../../../recipe/values/debian-releases.ts';
import type { Archive, Release } from './releases.ts';
import { readAptSources } from './sources.ts';

export interface Mirrors {
  /** Base URL of each archive, without a slash at the end. */
  readonly urls: Readonly<Record<Archive, string>>;
  /** Key files or armored keys. */
  readonly keys: readonly string[];
}

export interface MirrorWish {
  readonly mirror?: string | undefined;
  readonly securityMirror?: string | undefined;
  /** Absolute path. */
  readonly keyring?: string | undefined;
}

const NAMES = '(stable|oldstable|oldoldstable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)';
const PATTERNS: Readonly<Record<Archive, RegExp>> = {
  mirror: new RegExp(`^${NAMES}(-updates)?$`),
  security: new RegExp(`^${NAMES}(-security|/updates)$`),
};

const SETTINGS: Readonly<Record<Archive, string>> = { mirror: 'origin.mirror', security: 'origin.securityMirror' };

/**
 * Throws `origin.no-mirror` or `origin.no-keyring` when neither the recipe nor the host (`aptFolder`, /etc/apt) names
 * one. A host with another Debian release will do: the archive is the same.
 */
export const findMirrors = async (wish: MirrorWish, release: Release, aptFolder?: string): Promise<Mirrors> => {
  const sources = await readAptSources(aptFolder);
  const entry = {
    mirror: entryFor('mirror', release, sources),
    security: entryFor('security', release, sources),
  };
  const urls = {
    mirror: await urlOf('mirror', wish.mirror ?? entry.mirror?.uris[0], release),
    security: await urlOf('security', wish.securityMirror ?? entry.security?.uris[0], release),
  };
  if (wish.keyring !== undefined) return { urls, keys: [wish.keyring] };
  const named = [
    ...(wish.mirror === undefined ? keysOf(entry.mirror) : []),
    ...(wish.securityMirror === undefined ? keysOf(entry.security) : []),
  ];
  const complete = wish.mirror === undefined && wish.securityMirror === undefined && named.length > 0;
  return { urls, keys: complete ? named : [...named, await debianKeyring()] };
};

const entryFor = (archive: Archive, release: Release, sources: readonly AptSource[]): AptSource | undefined => {
  const fitting = sources.filter(
    (source) => source.components.includes('main') && source.suites.some((suite) => PATTERNS[archive].test(suite)),
  );
  return fitting.find((source) => source.suites.some((suite) => suite.startsWith(release.codename))) ?? fitting[0];
};

const urlOf = async (archive: Archive, uri: string | undefined, release: Release): Promise<string> => {
  const list = /^mirror\+file:(.*)$/.exec(uri ?? '')?.[1];
  const url = list === undefined ? uri : words((await ifThere(readFile(list, 'utf8'))) ?? '')[0];
  if (url !== undefined && /^[a-z]+:\/\/[^/]*@/.test(url)) {
    throw new IngotError(
      'origin.mirror-login',
      "this host's apt names a mirror with a login, which would go into the image",
      {
        where: SETTINGS[archive],
        hint: `Set ${SETTINGS[archive]} and answers.repositories to addresses without one.`,
      },
    );
  }
  if (url !== undefined && /^(https?|file|copy):/.test(url)) return url.replace(/\/+$/, '');
  const what = archive === 'mirror' ? 'a Debian mirror' : 'a mirror of the security suite';
  throw new IngotError('origin.no-mirror', `neither the recipe nor this host's apt names ${what}`, {
    where: SETTINGS[archive],
    hint: `Set ${SETTINGS[archive]} to the archive's base URL, the folder that has dists/${release.codename}${archive === 'mirror' ? '' : '-security'}.`,
  });
};

/** A fingerprint only narrows down the trusted keys, so it names no file. */
const keysOf = (entry: AptSource | undefined): string[] => {
  const value = entry?.signedBy;
  if (value === undefined) return [];
  if (isArmored(value)) return [value.replaceAll(/^\.$/gm, '')];
  return value.split(/[\s,]+/).filter((word) => word.startsWith('/'));
};

const debianKeyring = async (): Promise<string> => {
  if (await isThere(DEBIAN_KEYRING)) return DEBIAN_KEYRING;
  throw new IngotError('origin.no-keyring', 'no keyring to check the archive with', {
    where: 'origin.keyring',
    hint: 'Install debian-archive-keyring, or set origin.keyring to the keys that signed the archive.',
  });
};
