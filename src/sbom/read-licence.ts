/** From what is said of a licence to SPDX: by a function that knows the names, with a reference for each that it does not know. */
import { expressionOf, type LicenceStatement, type Licences, type LicenceText, namedLicence } from './licence.ts';
import { parseSaid, type Said } from './licence-expression.ts';

export interface Naming {
  /** The SPDX id (or `id WITH exception`) of a name. */
  readonly idOf: (name: string) => string | undefined;
  /** The text of a name that has none. */
  readonly textOf: (name: string, said: string) => string;
}

/** All of `said` hold. What cannot be read as an expression is one name. */
export const readLicences = (said: readonly string[], { idOf, textOf }: Naming): Licences => {
  const texts = new Map<string, LicenceText>();
  const statements = said.map((one): LicenceStatement => {
    const refs = new Set<string>();
    const leaf = (name: string): string => {
      const id = idOf(name);
      if (id !== undefined) return id;
      const text = namedLicence(name, textOf(name, one));
      texts.set(text.id, text);
      refs.add(text.id);
      return text.id;
    };
    const found = parseSaid(one);
    const expression = found === undefined ? leaf(one) : written(found, leaf);
    return { said: one, expression, refs: [...refs].sort() };
  });
  return { statements, texts: [...texts.values()] };
};

const written = (said: Said, leaf: (name: string) => string): string => {
  if ('name' in said) return leaf(said.name);
  if ('all' in said) return expressionOf(said.all.map((one) => asStatement(written(one, leaf)))) ?? '';
  return [...new Set(said.any.map((one) => written(one, leaf)))]
    .map((one) => (one.includes(' AND ') ? `(${one})` : one))
    .join(' OR ');
};

const asStatement = (expression: string): LicenceStatement => ({ said: expression, expression, refs: [] });
