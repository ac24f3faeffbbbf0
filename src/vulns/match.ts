/** What feeds say of what is installed: by source and version, one finding a vulnerability and source. */
import { type Affects, affects } from './affects.ts';
import type { Finding } from './finding.ts';
import type { Installed, Inventory } from './inventory.ts';
import { weightiest } from './severity.ts';
import { feedSource } from './signed-sources.ts';
import type { Statement } from './statement.ts';

/** Packages that are not the vendor's are left out: no feed of the vendor speaks of them. */
export const matchStatements = (inventory: Inventory, statements: readonly Statement[]): Finding[] => {
  const names = canonicalNames(statements);
  const bySource = Map.groupBy(
    statements.filter(({ by }) => by === 'source'),
    (one) => one.package,
  );
  const byBinary = Map.groupBy(
    statements.filter(({ by }) => by === 'binary'),
    (one) => one.package,
  );
  const groups = new Map<string, Group>();
  for (const installed of inventory.packages) {
    if (installed.origin === 'third-party') continue;
    const { source, version } = feedSource(installed);
    const said = [
      ...(bySource.get(source) ?? []).map((statement) => ({ statement, version })),
      ...(byBinary.get(installed.name) ?? []).map((statement) => ({ statement, version: installed.version })),
    ];
    for (const { statement, version: at } of said) {
      const meant = isMeant(statement, installed);
      if (meant === 'no') continue;
      const id = names.get(statement.id) ?? statement.id;
      const key = `${id} ${source} ${version}`;
      const group: Group = groups.get(key) ?? { id, source, version, packages: new Set(), judged: [] };
      group.packages.add(installed);
      const outcome = affects(statement.says, at, inventory.scheme);
      group.judged.push({ statement, affects: meant === 'yes' ? outcome : ofAnyModule(outcome), installed });
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(findingOf);
};

interface Judged {
  readonly statement: Statement;
  readonly affects: Affects;
  readonly installed: Installed;
}

interface Group {
  readonly id: string;
  readonly source: string;
  readonly version: string;
  readonly packages: Set<Installed>;
  readonly judged: Judged[];
}

/**
 * A module's packages have versions of their own, and are meant by what names that module alone. A bill of materials may say that a
 * package is of some module, in its release, and not of which.
 */
const isMeant = ({ architecture, module }: Statement, installed: Installed): 'yes' | 'no' | 'perhaps' => {
  if (architecture !== undefined && architecture !== installed.architecture) return 'no';
  const isModular = installed.module !== undefined || /\.module[+_]/.test(installed.version);
  if (module === undefined) return isModular && installed.module !== undefined ? 'no' : isModular ? 'perhaps' : 'yes';
  if (module === '') return isModular ? 'perhaps' : 'no';
  if (installed.module !== undefined) return module === installed.module ? 'yes' : 'no';
  return isModular ? 'perhaps' : 'no';
};

const ofAnyModule = (outcome: Affects): Affects =>
  outcome.state === 'affected' ? { state: 'unsure', why: 'of which module it is is not known' } : outcome;

/**
 * Other names of one CVE lead to it. An advisory that names several CVEs leads to none: it is told with each of them.
 */
const canonicalNames = (statements: readonly Statement[]): ReadonlyMap<string, string> => {
  const found = new Map<string, Set<string>>();
  for (const { id, aliases } of statements)
    for (const alias of aliases) {
      if (alias === id) continue;
      const known = found.get(alias);
      if (known) known.add(id);
      else found.set(alias, new Set([id]));
    }
  return new Map(
    [...found].flatMap(([alias, ids]) => {
      const [only] = ids;
      return ids.size === 1 && only !== undefined && !alias.startsWith('CVE-') ? [[alias, only] as const] : [];
    }),
  );
};

/** Nothing where every version that is installed is simply not within what the feed describes. */
const findingOf = (group: Group): Finding[] => {
  const best = Math.min(...group.judged.map(({ statement }) => statement.rank));
  const counting = group.judged.filter(({ statement }) => statement.rank === best);
  const decided =
    counting.find(({ affects }) => affects.state === 'affected') ??
    counting.find(({ affects }) => affects.state === 'unsure') ??
    counting.find(({ statement }) => statement.says.kind === 'not-affected');
  if (decided === undefined) return [];
  const { affects: outcome, statement } = decided;
  const same = counting.filter(({ affects }) => affects.state === outcome.state);
  const first = same.flatMap(({ affects }) => (affects.state === 'affected' ? (affects.fixed ?? []) : [])).at(0);
  const isForSubscribers = first?.includes('~esm') === true && !group.version.includes('~esm');
  return [
    {
      id: group.id,
      aliases: [...new Set(group.judged.flatMap(({ statement: { id, aliases } }) => [id, ...aliases]))].filter(
        (name) => name !== group.id,
      ),
      source: group.source,
      version: group.version,
      packages: [...new Set(same.map(({ installed }) => installed))],
      state: outcome.state,
      why: outcome.state === 'affected' ? undefined : outcome.why,
      isFixable: !isForSubscribers && (first !== undefined || same.some((one) => one.statement.isFixed === true)),
      fixed: first,
      severity: weightiest(group.judged.flatMap((one) => one.statement.severities)),
      summary: statement.summary ?? group.judged.find((one) => one.statement.summary)?.statement.summary,
      notes: [
        ...new Set(counting.flatMap((one) => one.statement.notes)),
        ...(isForSubscribers ? ['the fix is in Ubuntu Pro alone'] : []),
      ],
      feeds: [...new Set(group.judged.map((one) => one.statement.feed))],
    },
  ];
};
