/** Packages of languages that lie in an image beside the system's own: they are not judged, and that is said. */

export interface LanguagePackage {
  /** The language, or its registry. */
  readonly kind: string;
  readonly path: string;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\/[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO)$/, 'python'],
  [/\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/, 'node'],
  [/\.(?:jar|war|ear)$/, 'java'],
  [/\/specifications\/[^/]+\.gemspec$/, 'ruby'],
  [/\/vendor\/composer\/installed\.json$/, 'php'],
];

/** `isOwned`: a package of the system has the file, so that the vendor's feed judges it. */
export const languagePackages = (paths: Iterable<string>, isOwned: (path: string) => boolean): LanguagePackage[] => {
  const found: LanguagePackage[] = [];
  for (const path of paths) {
    const kind = KINDS.find(([pattern]) => pattern.test(path))?.[1];
    if (kind !== undefined && !isOwned(path)) found.push({ kind, path });
  }
  return found;
};
