/**
 * Who says so: each statement was signed by keys that are expected, and what was signed is what lies there. Without a key
 * a signature says nothing, and a folder without one says so.
 */
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import { signersOf } from './dsse.ts';
import { type FoundAttestation, findAttestations } from './found-attestations.ts';
import { readStatement } from './statement.ts';
import { checkSumsSignatures } from './sums-signatures.ts';
import type { VerifyContext } from './verify-context.ts';

const CHECK = 'signatures';

export const checkSignatures = async (context: VerifyContext): Promise<Judgement> => {
  const { keys, minisign, openpgp } = context.expected;
  const attestations = await findAttestations(context);
  const isSigned = attestations.some(({ envelope, bundle }) => envelope !== undefined || bundle !== undefined);
  const sums = await checkSumsSignatures(context);
  const found = [...attestations.flatMap((one) => judgeOne(one, context)), ...sums.found];
  const facts = [...sums.facts];
  if (keys.length > 0) {
    if (attestations.length === 0)
      found.push(
        fails('unsigned', 'nothing here is signed, and a signature is expected', context.image ?? context.folder),
      );
  } else if (isSigned) {
    if (minisign.length + openpgp.length > 0) facts.push('the envelopes were not looked at: no key of theirs is named');
    else
      found.push({
        rule: `${CHECK}/no-key`,
        verdict: 'unjudged',
        message: 'there are signatures, and no key is named to judge them by',
        hint: 'Name the public key of who has to have signed, from a source of your own: --key FILE, or a policy.',
      });
  } else if (!sums.isSigned) facts.push('UNSIGNED: nobody vouches for this, and no key was asked for');
  for (const one of attestations) facts.push(...factOf(one, context));
  const isNothing = attestations.length === 0 && !sums.isSigned && context.files.length <= 1;
  return {
    check: CHECK,
    verdict: verdictOf([...(isNothing ? [] : ['holds' as const]), ...found.map(({ verdict }) => verdict)]),
    facts,
    found,
  };
};

const fails = (rule: string, message: string, where: string, hint?: string): Judged => ({
  rule: `${CHECK}/${rule}`,
  verdict: 'fails',
  message,
  where,
  hint: hint ?? 'Do not use it, and ask who published it for the whole folder.',
});

const factOf = ({ envelope, names }: FoundAttestation, { expected: { keys } }: VerifyContext): string[] => {
  if (!envelope) return [];
  return signersOf(envelope, keys).map(({ id, file }) => `${names.statement} signed by ${id.slice(0, 16)}… (${file})`);
};

const judgeOne = (one: FoundAttestation, context: VerifyContext): Judged[] => {
  const { names, envelope, bundle, statement } = one;
  const { keys, threshold } = context.expected;
  const found: Judged[] = [];
  for (const [name, read] of [
    [names.envelope, envelope],
    [names.bundle, bundle],
  ] as const) {
    if (read === undefined) continue;
    if (read === null) {
      found.push(fails('damaged', `${name} is not what its name says`, name));
      continue;
    }
    if (statement === undefined)
      found.push(fails('no-statement', `${names.statement} is not there, and ${name} has signed it`, names.statement));
    else if (!read.body.equals(statement))
      found.push(fails('other-statement', `${names.statement} is not what was signed in ${name}`, names.statement));
    if (keys.length === 0) continue;
    const signers = signersOf(read, keys);
    if (signers.length < threshold)
      found.push(
        fails(
          'wrong-key',
          signers.length === 0
            ? `none of the expected keys has signed ${name}, or it was changed`
            : `${signers.length} of the expected keys signed ${name}, and ${threshold} have to`,
          name,
          'Is the key the one of who published it? If it is, what lies here is not what was signed.',
        ),
      );
    const late = signers.filter(({ until }) => until !== undefined && isAfter(read.body, until));
    if (signers.length - late.length < threshold)
      for (const { file, until } of late)
        found.push(fails('key-ended', `${name} was signed with ${file}, whose time ended on ${until}`, name));
  }
  if (envelope === undefined && bundle === undefined && keys.length > 0)
    found.push(fails('unsigned', `${names.statement} is not signed, and a signature is expected`, names.statement));
  return found;
};

/** By the only clock that a statement has. What says no time is not taken to be early. */
const isAfter = (body: Buffer, until: string): boolean => {
  const times = [...JSON.stringify(readStatement(body)?.predicate ?? {}).matchAll(CLOCK)].map(([, time = '']) => time);
  const last = times.sort().at(-1);
  return last === undefined || last.slice(0, 10) > until;
};

const CLOCK = /"(?:finishedOn|scanFinishedOn|timeVerified|startedOn)":"(\d{4}-\d\d-\d\dT[^"]*)"/g;
