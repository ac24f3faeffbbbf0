/** What is stated against what lies there: each subject by name and digest, and nothing that no statement covers. */
import { canonicalJson } from '../canonical-json.ts';
import { kindOf, type PredicateKind } from '../formats/reports/predicates.ts';
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import { stemFor } from './attestation.ts';
import { PAYLOAD_TYPE } from './dsse.ts';
import {
  bodyOf,
  type FoundAttestation,
  findAttestations,
  isAttestationName,
  PROVENANCE,
} from './found-attestations.ts';
import { judgeProvenance } from './provenance-check.ts';
import { judgeResult } from './results-check.ts';
import { jsonOf, type ReadStatement, readStatement } from './statement.ts';
import { SUMS } from './sums-check.ts';
import type { VerifyContext } from './verify-context.ts';

const CHECK = 'statements';

export const checkStatements = async (context: VerifyContext): Promise<Judgement> => {
  const attestations = await findAttestations(context);
  const found: Judged[] = [];
  const kinds = new Set<PredicateKind>();
  const facts: string[] = [];
  for (const one of attestations) {
    const { statement, wrong, told = [] } = await judgeOne(one, context);
    found.push(...wrong);
    const kind = statement && kindOf(statement.predicateType);
    if (kind !== undefined) kinds.add(kind);
    if (statement)
      facts.push(
        [`${one.names.statement}: ${kind ?? statement.predicateType}, ${statement.subject.length} files`, ...told].join(
          '; ',
        ),
      );
  }
  found.push(...(await judgeMissing(attestations, kinds, context)));
  return {
    check: CHECK,
    verdict: verdictOf(['holds', ...found.map(({ verdict }) => verdict)]),
    facts,
    found,
  };
};

const fails = (rule: string, message: string, where: string): Judged => ({
  rule: `${CHECK}/${rule}`,
  verdict: 'fails',
  message,
  where,
  hint: 'Do not use it, and ask who published it for the whole folder.',
});

const judgeOne = async (
  one: FoundAttestation,
  context: VerifyContext,
): Promise<{
  readonly statement?: ReadStatement;
  readonly wrong: readonly Judged[];
  readonly told?: readonly string[];
}> => {
  const where = one.names.statement;
  const body = bodyOf(one);
  const statement = body && readStatement(body);
  if (statement === undefined) return { wrong: [fails('unreadable', `${where} is no statement`, where)] };
  const wrong: Judged[] = [];
  for (const read of [one.envelope, one.bundle])
    if (read && read.payloadType !== PAYLOAD_TYPE)
      wrong.push(
        fails('payload-type', `what was signed is called ${read.payloadType}, and not ${PAYLOAD_TYPE}`, where),
      );
  const kind = kindOf(statement.predicateType);
  if (kind === undefined && !context.expected.predicates.includes(statement.predicateType))
    wrong.push(
      fails(
        'unknown-predicate',
        `${where} is of a kind that nothing here can judge: ${statement.predicateType}`,
        where,
      ),
    );
  if (one.stem === PROVENANCE && kind !== 'provenance')
    wrong.push(fails('wrong-predicate', `${where} has to be of the kind provenance`, where));
  wrong.push(...(await judgeSubjects(statement, where, context)));
  if (kind === 'provenance') wrong.push(...(await judgeProvenance(statement, where, context)));
  if (kind === 'cyclonedx' || kind === 'spdx') wrong.push(...(await judgeDocument(one, statement, context)));
  const result = kind === undefined ? undefined : judgeResult(kind, statement.predicate, where);
  return { statement, wrong: [...wrong, ...(result?.wrong ?? [])], told: result?.facts ?? [] };
};

const judgeSubjects = async ({ subject }: ReadStatement, where: string, context: VerifyContext): Promise<Judged[]> => {
  const found: Judged[] = [];
  for (const { name, digest } of subject) {
    const now = context.files.includes(name) ? await context.digest(name) : undefined;
    if (now === digest.sha256) continue;
    found.push(
      now === undefined
        ? fails('subject-missing', `${where} is about ${name}, which is not here`, name)
        : fails('subject-changed', `${name} has SHA-256 ${now}, and ${where} is about ${digest.sha256}`, name),
    );
  }
  return found;
};

/** The document beside the statement is the one that it has inside. */
const judgeDocument = async (
  { stem, names }: FoundAttestation,
  { predicate }: ReadStatement,
  context: VerifyContext,
): Promise<Judged[]> => {
  const file = context.files.find((name) => stemFor(name) === stem);
  if (file === undefined)
    return [fails('document-missing', `the document that ${names.statement} has inside is not here`, names.statement)];
  const now = jsonOf((await context.read(file)) ?? Buffer.of());
  if (canonicalJson(now) === canonicalJson(predicate)) return [];
  return [fails('document-swapped', `${file} is not the document that ${names.statement} has inside`, file)];
};

const judgeMissing = async (
  attestations: readonly FoundAttestation[],
  kinds: ReadonlySet<PredicateKind>,
  context: VerifyContext,
): Promise<Judged[]> => {
  const { expected, files, image } = context;
  const found: Judged[] = [];
  for (const kind of expected.require)
    if (!kinds.has(kind))
      found.push(
        fails(
          'required-missing',
          `the policy wants a statement of the kind ${kind}, and there is none`,
          context.folder,
        ),
      );
  if (attestations.every(({ stem }) => stem !== PROVENANCE)) {
    const isFolder = files.includes('manifest.json') || files.includes(SUMS);
    found.push(
      isFolder
        ? fails(
            'no-provenance',
            `there is no ${PROVENANCE}.json: it was removed, or was never made`,
            `${PROVENANCE}.json`,
          )
        : {
            rule: `${CHECK}/nothing`,
            verdict: 'unjudged',
            message: `nothing beside ${image ?? 'it'} says what it is or where it comes from`,
            where: image,
            hint: 'Verify it in the folder that the build left, with the files that lie beside it.',
          },
    );
  }
  for (const name of files.filter((file) => /\.(cdx|spdx)\.json$/.test(file)))
    if (!isAttestationName(name) && attestations.every(({ stem }) => stem !== stemFor(name)))
      found.push(
        fails('attestation-missing', `${name} has no statement beside it: it was removed, or the file was added`, name),
      );
  return found;
};
