/** Findings that somebody answers for: with a reason and a day until which that holds. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { IngotError, messageOf } from '../errors.ts';
import type { Finding } from './finding.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const waiverSchema = z.strictObject({
  /** A vulnerability, `third-party` for a package that no feed judges, or `not-scanned` for a file. */
  id: z.string().min(1),
  /** Source or binary package, or a path; all where it is absent. */
  package: z.string().min(1).optional(),
  reason: z.string().trim().min(1),
  /** The last day on which it holds. */
  until: z.string().refine((text) => DAY.test(text) && !Number.isNaN(Date.parse(text)), 'a day, as 2027-01-31'),
});

export type Waiver = z.output<typeof waiverSchema>;

/** Throws `usage.waivers`. */
export const parseWaivers = (text: string, where: string): Waiver[] => {
  const document = parseDocument(text, { schema: 'core' });
  const [error] = document.errors;
  if (error !== undefined) throw wrong(error.message, where);
  const value = plainValue(document, where);
  const found = z.union([z.array(waiverSchema), z.strictObject({ waivers: z.array(waiverSchema) })]).safeParse(value);
  if (!found.success) throw wrong(z.prettifyError(found.error), where);
  return Array.isArray(found.data) ? found.data : found.data.waivers;
};

/** Without aliases, which could make much of little. */
const plainValue = (document: ReturnType<typeof parseDocument>, where: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? [];
  } catch (error) {
    throw wrong(messageOf(error), where);
  }
};

const wrong = (detail: string, where: string): IngotError =>
  new IngotError('usage.waivers', 'the waivers cannot be read', {
    where,
    detail,
    hint: 'A list of {id, package, reason, until}; `until` is a day such as 2027-01-31.',
  });

export const isExpired = ({ until }: Waiver, now: Date): boolean => until < now.toISOString().slice(0, 10);

/** Whether it is about this: by any name of the vulnerability, and by the source or a package of it. */
export const isAbout = (waiver: Waiver, names: readonly string[], packages: readonly string[]): boolean =>
  names.includes(waiver.id) && (waiver.package === undefined || packages.includes(waiver.package));

export const namesOf = ({ id, aliases }: Finding): string[] => [id, ...aliases];
export const packagesOf = ({ source, packages }: Finding): string[] => [source, ...packages.map(({ name }) => name)];

/** OpenVEX statements of the user's own that say `not_affected` or `fixed`. */
export interface VexWaiver {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Names of packages; all where it names none. */
  readonly packages: readonly { readonly name: string; readonly version: string | undefined }[];
  readonly reason: string;
}

export const isVexAbout = (vex: VexWaiver, finding: Finding): boolean => {
  const names = namesOf(finding);
  if (![vex.id, ...vex.aliases].some((name) => names.includes(name))) return false;
  return vex.packages.some(({ name, version }) =>
    [{ name: finding.source, version: finding.version }, ...finding.packages].some(
      (one) => one.name === name && (version === undefined || version === one.version),
    ),
  );
};
