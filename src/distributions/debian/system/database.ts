/** dpkg's database with apt's marks, read out of an image: no dpkg runs (deb-control(5), dpkg-divert(1), apt-mark(8)). */
import type { GuestFiles } from '../../../capture/guest-files.ts';
import { parseStanzas, type Stanza } from '../../../formats/packages/deb822.ts';
import { type PackageDatabase, type PackageRecord, RELATION_KINDS } from '../../../inspect/package-database.ts';
import { parseRelations } from '../archive/relations.ts';
import { parseDpkgStatus } from './dpkg-packages.ts';
import { aptSourcesOf } from './facts.ts';
import { GENERATED } from './generated.ts';
import { pathExclusions } from './path-exclusions.ts';

/** dpkg refuses to remove the first two without force; every installation has the third. */
const KEPT = [
  ['essential', 'yes'],
  ['protected', 'yes'],
  ['priority', 'required'],
] as const;

const DPKG = '/var/lib/dpkg';

/** Undefined where dpkg has no status file. */
export const readDatabase = async (files: GuestFiles): Promise<PackageDatabase | undefined> => {
  const status = await files.text(`${DPKG}/status`);
  if (status === undefined) return undefined;
  const stanzas = new Map(parseStanzas(status).map((stanza) => [keyOf(stanza), stanza]));
  const automatic = new Set(
    parseStanzas((await files.text('/var/lib/apt/extended_states')) ?? '')
      .filter((stanza) => stanza.get('auto-installed') === '1')
      .map(keyOf),
  );
  // apt keeps the marks of packages for all architectures under the system's own.
  const names = new Set([...automatic].map((key) => key.split(':')[0]));
  const isAutomatic = (name: string, architecture: string) =>
    automatic.has(`${name}:${architecture}`) || (architecture === 'all' && names.has(name));
  const lists = new Set((await files.list(`${DPKG}/info`)).map(({ name }) => name));
  const diverted = diversionsIn((await files.text(`${DPKG}/diversions`)) ?? '');
  const packages = parseDpkgStatus(status).map(async (known): Promise<PackageRecord> => {
    const { name, architecture } = known;
    const stanza: Stanza = stanzas.get(`${name}:${architecture}`) ?? new Map();
    const list = [`${name}.list`, `${name}:${architecture}.list`].find((one) => lists.has(one));
    const paths = list === undefined ? [] : lines((await files.text(`${DPKG}/info/${list}`)) ?? '');
    const digests = conffiles(stanza.get('conffiles') ?? '');
    const [maintainer, homepage] = [stanza.get('maintainer'), stanza.get('homepage')];
    return {
      ...known,
      ...(maintainer ? { maintainer } : {}),
      ...(homepage ? { homepage } : {}),
      size: Number(stanza.get('installed-size') ?? 0) * 1024,
      manual: !isAutomatic(name, architecture),
      essential: KEPT.some(([field, value]) => stanza.get(field) === value),
      provides: parseRelations(stanza.get('provides')).flat(),
      relations: RELATION_KINDS.flatMap((kind) => parseRelations(stanza.get(kind)).map((anyOf) => ({ kind, anyOf }))),
      files: paths.filter((path) => path !== '/.').map((path) => divertedPath(diverted, path, name)),
      ...(stanza.get('status')?.startsWith('hold ') ? { held: true } : {}),
      configuration: [...digests.keys()],
      configurationDigests: digests,
    };
  });
  return {
    kind: 'deb',
    packages: await Promise.all(packages),
    sources: await aptSourcesOf(files),
    generated: GENERATED,
    leftOutBy: await pathExclusions(files),
  };
};

/** dpkg's field: a path and the MD5 of what was packed. */
const conffiles = (field: string): ReadonlyMap<string, string> =>
  new Map(
    lines(field).flatMap((line) => {
      const [, path, digest] = / *(\/.*) ([0-9a-f]{32})(?: obsolete)?$/.exec(line) ?? [];
      return path === undefined || digest === undefined ? [] : [[path, digest] as const];
    }),
  );

const keyOf = (stanza: Stanza): string => `${stanza.get('package')}:${stanza.get('architecture')}`;

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Three lines each: where packages have a file, where it goes instead, and the package whose own file stays. */
const diversionsIn = (text: string): ReadonlyMap<string, { readonly to: string; readonly but: string }> => {
  const all = lines(text);
  const found = new Map<string, { to: string; but: string }>();
  for (let at = 0; at + 2 < all.length; at += 3)
    found.set(all[at] ?? '', { to: all[at + 1] ?? '', but: all[at + 2] ?? '' });
  return found;
};

const divertedPath = (diverted: ReturnType<typeof diversionsIn>, path: string, name: string): string => {
  const diversion = diverted.get(path);
  return diversion === undefined || diversion.but === name ? path : diversion.to;
};
