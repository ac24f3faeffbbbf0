/**
 * A statement about files, as in-toto writes it (Statement v1): which files, by name and digest, what kind of thing is
 * said of them, and what. Its bytes are canonical JSON, so that the same statement is the same file.
 */
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** ResourceDescriptor v1: one of uri, digest and content is there. */
export interface ResourceDescriptor {
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  /** Lower-case hex by algorithm: `sha256`, `sha512`, `gitCommit`. */
  readonly digest?: Readonly<Record<string, string>> | undefined;
  readonly downloadLocation?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** A file that a statement is about. */
export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

export interface Statement<P = unknown> {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: P;
}

export const statementOf = <P>(subject: readonly Subject[], predicateType: string, predicate: P): Statement<P> => ({
  _type: STATEMENT_TYPE,
  subject: [...subject].sort((one, other) => (one.name < other.name ? -1 : 1)),
  predicateType,
  predicate,
});

/** What lies in the folder, and what is signed: the same bytes. */
export const statementBytes = (statement: Statement): Buffer => Buffer.from(canonicalJson(statement));

const schema = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(
      z.looseObject({ name: z.string().min(1), digest: z.looseObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) }),
    )
    .min(1),
  predicateType: z.string().min(1),
  predicate: z.record(z.string(), z.unknown()),
});

export type ReadStatement = z.output<typeof schema>;

/** Undefined for bytes that are no statement. */
export const readStatement = (bytes: Uint8Array): ReadStatement | undefined => schema.safeParse(jsonOf(bytes)).data;

/** Undefined for what is no JSON in UTF-8. */
export const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};
