/** What somebody wants to state, read from a file: the predicate alone, or with its type, as Ingot's own commands write it. */
import { IngotError } from '../errors.ts';
import { isPredicateKind, kindOf, PREDICATES } from '../formats/reports/predicates.ts';
import { predicateFault } from './results-check.ts';
import { jsonOf } from './statement.ts';

export interface GivenPredicate {
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** `type`: a kind by its name, or a URI. Throws `usage.predicate-type` and `usage.predicate-invalid`. */
export const givenPredicate = (
  bytes: Uint8Array,
  { type, predicate: where }: { readonly type?: string | undefined; readonly predicate: string },
): GivenPredicate => {
  const value = jsonOf(bytes);
  if (!isObject(value)) throw invalid(where, 'it is no JSON object');
  const { predicateType: said, predicate: inside } = value;
  const isWhole = typeof said === 'string' && isObject(inside);
  const named = type === undefined ? undefined : typeOf(type);
  if (isWhole && named !== undefined && named !== said)
    throw new IngotError('usage.predicate-type', `the file says that it is of the kind ${said}`, {
      where,
      hint: 'Leave out --type, or name the other file.',
    });
  const predicateType = isWhole ? said : named;
  if (predicateType === undefined)
    throw new IngotError('usage.predicate-type', 'it is not said what kind of thing is stated', {
      where,
      hint: `Name it: --type ${Object.keys(PREDICATES).join(', ')}, or a URI.`,
    });
  const predicate = isWhole ? inside : value;
  const kind = kindOf(predicateType);
  const fault = kind === undefined ? undefined : predicateFault(kind, predicate);
  if (fault !== undefined) throw invalid(where, fault);
  return { predicateType, predicate };
};

const typeOf = (type: string): string => {
  if (isPredicateKind(type)) return PREDICATES[type];
  if (/^[a-z][a-z0-9+.-]*:\S+$/i.test(type)) return type;
  throw new IngotError('usage.predicate-type', `${type} is no kind of a statement`, {
    hint: `Known: ${Object.keys(PREDICATES).join(', ')}; any other one is a URI.`,
  });
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (where: string, detail: string): IngotError =>
  new IngotError('usage.predicate-invalid', 'the predicate is not what its kind has to be', {
    where,
    detail,
    hint: 'What each kind has to say is written in its specification: docs/provenance.md names them.',
  });
