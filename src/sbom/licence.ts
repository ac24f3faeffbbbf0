/**
 * What a package says of its licence, as an SPDX expression. Names are mapped where their meaning is the same for certain; any
 * other becomes a reference of its own (`LicenseRef-…`) to the text that was found: nothing is guessed.
 */
import exceptions from 'spdx-exceptions/index.json' with { type: 'json' };
import ids from 'spdx-license-ids/index.json' with { type: 'json' };
import { z } from 'zod';
import { sha256 } from '../host/files.ts';

export const licenceText = z.strictObject({
  /** `LicenseRef-…` */
  id: z.string(),
  name: z.string(),
  text: z.string(),
});
export type LicenceText = z.output<typeof licenceText>;

/** One of several that all hold. */
export const licenceStatement = z.strictObject({
  /** As the package has it. */
  said: z.string(),
  expression: z.string(),
  /** Where not all of it is in SPDX's list. */
  refs: z.array(z.string()),
});
export type LicenceStatement = z.output<typeof licenceStatement>;

export interface Licences {
  readonly statements: readonly LicenceStatement[];
  readonly texts: readonly LicenceText[];
}

/** SPDX writes names in one way; they are compared without case (SPDX 2.3, annex D). */
const known = (list: readonly string[]): ReadonlyMap<string, string> =>
  new Map(list.map((id) => [id.toLowerCase(), id]));
const IDS = known(ids);
const EXCEPTIONS = known(exceptions);

/** Its name in SPDX's list. */
export const spdxId = (name: string): string | undefined => IDS.get(name.toLowerCase());

/** `A with B`, where both are in SPDX's lists. */
export const spdxWith = (name: string, exception: string): string | undefined => {
  const [id, known] = [spdxId(name), EXCEPTIONS.get(exception.toLowerCase())];
  return id === undefined || known === undefined ? undefined : `${id} WITH ${known}`;
};

/** The same name with the same text is the same reference, in every package of every image. */
export const namedLicence = (name: string, text: string): LicenceText => {
  const slug = name
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return { id: `LicenseRef-${slug === '' ? '' : `${slug}-`}${sha256(`${name}\n${text}`).slice(0, 12)}`, name, text };
};

/** All of them together. */
export const expressionOf = (statements: readonly LicenceStatement[]): string | undefined => {
  const parts = [...new Set(statements.map(({ expression }) => expression))];
  if (parts.length <= 1) return parts[0];
  return parts.map((one) => (one.includes(' OR ') ? `(${one})` : one)).join(' AND ');
};
