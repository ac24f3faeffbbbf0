/** One record of OSV (OSV schema 1.7) as statements: affected packages of the image's ecosystem, each under every CVE that it is about. */
import { z } from 'zod';
import { cvssSeverity } from '../cvss.ts';
import { type Severity, vendorSeverity } from '../severity.ts';
import type { RangeEvent, Says, Statement } from '../statement.ts';
import type { FeedContext } from './feed-reader.ts';

const severity = z.object({ type: z.string(), score: z.string() });
const event = z.object({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
  limit: z.string().optional(),
});
const affected = z.object({
  package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
  ranges: z.array(z.object({ type: z.string(), events: z.array(event) })).nullish(),
  versions: z.array(z.string()).nullish(),
  severity: z.array(severity).nullish(),
  ecosystem_specific: z.looseObject({}).nullish(),
  database_specific: z.looseObject({}).nullish(),
});
export const osvRecord = z.object({
  id: z.string().min(1),
  withdrawn: z.string().nullish(),
  aliases: z.array(z.string()).nullish(),
  upstream: z.array(z.string()).nullish(),
  related: z.array(z.string()).nullish(),
  summary: z.string().nullish(),
  details: z.string().nullish(),
  severity: z.array(severity).nullish(),
  database_specific: z.looseObject({}).nullish(),
  affected: z.array(affected).nullish(),
});

type OsvRecord = z.output<typeof osvRecord>;
type Affected = z.output<typeof affected>;

/** A record about one CVE is more exact than an advisory, which has one range for all that it names. */
const RANK = { vulnerability: 2, advisory: 4 };

export const osvStatements = (
  record: OsvRecord,
  isOurs: (ecosystem: string) => boolean,
  { wanted, name }: FeedContext,
): Statement[] => {
  if (record.withdrawn) return [];
  const { id, summary, details, aliases } = record;
  const common = severitiesOf(record.severity, record);
  return (record.affected ?? []).flatMap((one) => {
    const pack = one.package;
    if (pack === undefined || !isOurs(pack.ecosystem)) return [];
    const cves = cvesOf(record, pack.ecosystem);
    if (cves.length === 0 && NOT_SECURITY.test(id)) return [];
    const ids = cves.length > 0 ? cves : [id];
    const says = saysOf(one);
    const module = moduleOf(says, summary ?? '');
    const severities = [...vendorsOf(one), ...severitiesOf(one.severity, {}), ...common];
    return targetsOf(pack, wanted).flatMap((target) =>
      ids.map((cve) => ({
        id: cve,
        aliases: cves.length > 1 ? [id] : [id, ...(aliases ?? [])].filter((other) => other !== cve),
        feed: name,
        rank: /(?:^|-)CVE-\d{4}-\d/.test(id) ? RANK.vulnerability : RANK.advisory,
        ...target,
        module,
        says,
        severities,
        summary: summary ?? details?.split('\n')[0]?.slice(0, 200) ?? undefined,
        notes: [],
      })),
    );
  });
};

/** Bug fixes and enhancements of AlmaLinux and Red Hat: they name a CVE where they mend one. */
const NOT_SECURITY = /^(?:AL|RH)(?:BA|EA)-/;

const isOf = (ecosystem: string, vendor: string): boolean => ecosystem === vendor || ecosystem.startsWith(`${vendor}:`);

/** AlmaLinux has the CVEs of an advisory in `related`, where other records have what is only alike. */
const cvesOf = ({ id, aliases, upstream, related }: OsvRecord, ecosystem: string): string[] => {
  const more = isOf(ecosystem, 'AlmaLinux') ? (related ?? []) : [];
  const names = [id, ...(aliases ?? []), ...(upstream ?? []), ...more];
  return [...new Set(names.filter((one) => /^CVE-\d{4}-\d+$/.test(one)))];
};

/** AlmaLinux names binary packages, Red Hat binary or source packages, all others sources. */
const targetsOf = (
  { ecosystem, name }: { readonly ecosystem: string; readonly name: string },
  wanted: FeedContext['wanted'],
) => {
  const isOfBinaries = isOf(ecosystem, 'AlmaLinux');
  if (!isOfBinaries && wanted.sources.has(name)) return [{ package: name, by: 'source' as const }];
  return (isOfBinaries || isOf(ecosystem, 'Red Hat')) && wanted.binaries.has(name)
    ? [{ package: name, by: 'binary' as const }]
    : [];
};

/** A record has the module of a package in its title alone (`Important: nodejs:20 security update`); empty where it does not say. */
const moduleOf = (says: Says, summary: string): string | undefined => {
  if (says.kind !== 'affected') return undefined;
  const versions = [...says.versions, ...says.ranges.flat().flatMap((one) => ('fixed' in one ? [one.fixed] : []))];
  if (!versions.some((one) => /\.module[+_]/.test(one))) return undefined;
  return /(?:^|\s)([a-z][\w.+-]*:[a-z\d][\w.+-]*)(?=\s|$)/i.exec(summary)?.[1] ?? '';
};

const saysOf = ({ ranges, versions }: Affected): Says => {
  const lines = (ranges ?? []).filter(({ type }) => type === 'ECOSYSTEM').map(({ events }) => events.flatMap(eventOf));
  const listed = versions ?? [];
  if (lines.length === 0 && listed.length === 0) return { kind: 'unsure', why: 'the record names no versions' };
  return { kind: 'affected', ranges: lines, versions: listed };
};

const eventOf = ({ introduced, fixed, last_affected: last, limit }: z.output<typeof event>): RangeEvent[] => [
  ...(introduced === undefined ? [] : [{ introduced }]),
  ...(fixed === undefined ? [] : [{ fixed }]),
  ...(last === undefined ? [] : [{ last }]),
  ...(limit === undefined ? [] : [{ limit }]),
];

const severitiesOf = (
  all: OsvRecord['severity'],
  { database_specific: own }: Pick<OsvRecord, 'database_specific'>,
): Severity[] => {
  const word = own && typeof own['severity'] === 'string' ? own['severity'] : undefined;
  const vendor = vendorSeverity(word, 'OSV database');
  return [
    ...(vendor ? [vendor] : []),
    ...(all ?? []).flatMap(({ type, score }) =>
      type === 'Ubuntu' ? (vendorSeverity(score, 'Ubuntu priority') ?? []) : (cvssSeverity(type, score) ?? []),
    ),
  ];
};

const vendorsOf = ({ ecosystem_specific: own }: Affected): Severity[] => {
  const [urgency, priority] = [own?.['urgency'], own?.['ubuntu_priority']];
  return [
    typeof urgency === 'string' ? vendorSeverity(urgency, 'Debian urgency') : undefined,
    typeof priority === 'string' ? vendorSeverity(priority, 'Ubuntu priority') : undefined,
  ].filter((one) => one !== undefined);
};
