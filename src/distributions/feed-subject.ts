/** What is installed in an image, as feeds and indexes know it. */
import { parseApkInstalled } from '../formats/packages/apk-installed.ts';
import { ownersIn } from '../inspect/owners.ts';
import type { Subject } from '../inspect/subject.ts';
import { type Inventory, type SystemId, schemeOf, withEpochOf } from '../vulns/inventory.ts';
import { type LanguagePackage, languagePackages } from '../vulns/language-packages.ts';

export interface FeedSubject {
  readonly inventory: Inventory;
  readonly osRelease: ReadonlyMap<string, string>;
  /** Of its own package sources, beside what every system has. */
  readonly components: readonly string[];
  readonly suites: readonly string[];
  readonly notScanned: readonly LanguagePackage[];
}

/** `path`: by which the image is named. */
export const feedSubjectOf = async (
  { osRelease, database, tree, files }: Subject,
  path: string,
): Promise<FeedSubject> => {
  const system = systemOf(osRelease);
  const apk = database === undefined ? await files.text('/lib/apk/db/installed') : undefined;
  const installed = database?.packages ?? (apk === undefined ? [] : parseApkInstalled(apk));
  const owners = database && ownersIn(tree, database);
  const packages = installed.map(({ name, version, architecture, source, sourceVersion }) => ({
    name,
    version,
    architecture,
    source,
    sourceVersion: schemeOf(system.id) === 'rpm' ? withEpochOf(version, sourceVersion) : sourceVersion,
    origin: 'unknown' as const,
  }));
  const sources = (database?.sources ?? []).filter(({ types }) => types.includes('deb'));
  const codename = system.codename ?? '';
  return {
    inventory: { subject: path, system, scheme: schemeOf(system.id), packages },
    osRelease,
    components: COMPONENTS.filter((name) => sources.some((source) => source.components.includes(name))),
    suites: [...new Set(sources.flatMap((source) => source.suites))].filter(
      (suite) => suite === `${codename}-backports`,
    ),
    notScanned: languagePackages(tree.keys(), (one) => (owners?.of(one).length ?? 0) > 0),
  };
};

/** Debian's own beside `main`; other words of a source are of other archives. */
const COMPONENTS = ['contrib', 'non-free', 'non-free-firmware'];

const systemOf = (release: ReadonlyMap<string, string>): SystemId => ({
  id: release.get('ID')?.toLowerCase() ?? 'unknown',
  version: release.get('VERSION_ID') ?? '',
  codename: release.get('VERSION_CODENAME'),
  cpe: release.get('CPE_NAME'),
  prettyName: release.get('PRETTY_NAME'),
});
