/**
 * `updateinfo.xml` of a repository of the RHEL family: security updates with their packages, each fixed from there on. A system has
 * several repositories, each with its own.
 */
import { REPOSITORIES } from '../repositories.ts';
import { vendorSeverity } from '../severity.ts';
import { fixedIn, type Statement } from '../statement.ts';
import { invalidFeed } from './feed-error.ts';
import type { FeedContext, FeedReader } from './feed-reader.ts';
import { readXml } from './xml.ts';

const RANK = 2;

interface Update {
  isSecurity: boolean;
  id: string;
  title: string;
  severity: string;
  readonly cves: Set<string>;
  readonly packages: Fixed[];
}

interface Fixed {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly module: string | undefined;
}

/** It does not say of which release it is: `scope` does (`rocky:9`), and may name its repository (`rocky:9/BaseOS`). */
export const readUpdateinfo =
  (scope: string | undefined): FeedReader =>
  async (path, context) => {
    const { id, version } = context.inventory.system;
    const [, release = '', repository] = /^([^/]*)(?:\/(.*))?$/.exec(scope ?? '') ?? [];
    const covers = release === `${id}:${version.split('.')[0]}` || release === `${id}:${version}`;
    if (!covers) return { covers, statements: [] };
    const named = new Set<string>(repository === undefined ? [] : [repository]);
    let updates = 0;
    const statements: Statement[] = [];
    let update: Update | undefined;
    let module: string | undefined;
    const inside: string[] = [];
    await readXml(
      path,
      {
        open(name, attributes) {
          if (inside.length === 0 && name !== 'updates') throw invalidFeed(path, 'it is no list of updates');
          if (name === 'update' && inside.length === 1) updates++;
          inside.push(name);
          if (name === 'update')
            update = {
              isSecurity: attributes['type'] === 'security',
              id: '',
              title: '',
              severity: '',
              cves: new Set(),
              packages: [],
            };
          else if (name === 'collection') {
            module = undefined;
            named.add(attributes['short'] ?? '');
          } else if (name === 'module') module = `${attributes['name'] ?? ''}:${attributes['stream'] ?? ''}`;
          else if (name === 'reference' && attributes['type'] === 'cve') {
            const cve = /CVE-\d{4}-\d+/.exec(attributes['id'] ?? attributes['title'] ?? '')?.[0];
            if (cve !== undefined) update?.cves.add(cve);
          } else if (name === 'package') update?.packages.push(...fixedOf(attributes, module, context));
        },
        close(name, text) {
          inside.pop();
          const isOfUpdate = inside.at(-1) === 'update';
          if (update && isOfUpdate && name === 'id') update.id = text;
          if (update && isOfUpdate && name === 'title') update.title = text;
          if (update && isOfUpdate && name === 'severity') update.severity = text;
          if (name === 'update' && update) {
            statements.push(...statementsOf(update, context.name));
            update = undefined;
          }
        },
      },
      context.signal,
    );
    if (updates === 0) throw invalidFeed(path, 'it has no updates');
    const parts = REPOSITORIES.filter((one) => [...named].some((name) => isNameOf(one, name)));
    return { covers, statements, parts };
  };

/** `BaseOS`, or as vendors call a collection: `rhel-9-for-x86_64-baseos-rpms`. */
const isNameOf = (repository: string, name: string): boolean =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .includes(repository.toLowerCase());

const fixedOf = (
  attributes: Readonly<Record<string, string>>,
  module: string | undefined,
  { wanted }: FeedContext,
): Fixed[] => {
  const { name = '', epoch = '0', version = '', release = '', arch = '' } = attributes;
  if (!wanted.binaries.has(name) || arch === 'src' || arch === 'nosrc') return [];
  return [{ name, version: `${epoch}:${version}-${release}`, architecture: arch, module }];
};

const statementsOf = ({ isSecurity, id, title, severity, cves, packages }: Update, feed: string): Statement[] => {
  if (!isSecurity) return [];
  const own = vendorSeverity(severity, 'advisory');
  const names = cves.size > 0 ? [...cves] : [id];
  return packages.flatMap(({ name, version, architecture, module }) =>
    names.map((cve) => ({
      id: cve,
      aliases: cve === id ? [] : [id],
      feed,
      rank: RANK,
      package: name,
      by: 'binary' as const,
      architecture: architecture === 'noarch' ? undefined : architecture,
      module,
      says: fixedIn(version),
      severities: own ? [own] : [],
      summary: title || undefined,
      notes: [],
    })),
  );
};
