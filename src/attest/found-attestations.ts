/** The statements that lie in a folder, each with its envelope and bundle where it has them. */
import { attestationNames } from './attestation.ts';
import { readBundle } from './bundle.ts';
import { type ReadEnvelope, readEnvelope } from './dsse.ts';
import { jsonOf, STATEMENT_TYPE } from './statement.ts';
import type { VerifyContext } from './verify-context.ts';

export const PROVENANCE = 'provenance';

export interface FoundAttestation {
  readonly stem: string;
  readonly names: ReturnType<typeof attestationNames>;
  readonly statement: Buffer | undefined;
  /** Null for a file that is there and is none. */
  readonly envelope: ReadEnvelope | null | undefined;
  readonly bundle: ReadEnvelope | null | undefined;
}

const SIGNED = /\.(dsse|sigstore)\.json$/;

/** Whether a file is one of an attestation by its name, whatever is in it. */
export const isAttestationName = (name: string): boolean =>
  SIGNED.test(name) || /\.intoto\.json$/.test(name) || name === `${PROVENANCE}.json`;

export const findAttestations = async (context: VerifyContext): Promise<FoundAttestation[]> => {
  const stems = new Set<string>();
  for (const name of context.files.filter((file) => file.endsWith('.json')))
    if (isAttestationName(name) || (await isStatement(name, context)))
      stems.add(name.replace(SIGNED, '').replace(/\.json$/, ''));
  const found: FoundAttestation[] = [];
  for (const stem of stems) {
    const names = attestationNames(stem);
    const [statement, envelope, bundle] = await Promise.all(
      [names.statement, names.envelope, names.bundle].map((name) => context.read(name)),
    );
    found.push({
      stem,
      names,
      statement,
      envelope: envelope && (readEnvelope(envelope) ?? null),
      bundle: bundle && (readBundle(bundle) ?? null),
    });
  }
  return found;
};

/** A statement of another name is one as well. */
const isStatement = async (name: string, context: VerifyContext): Promise<boolean> => {
  const value = jsonOf((await context.read(name)) ?? Buffer.of());
  return typeof value === 'object' && value !== null && '_type' in value && value._type === STATEMENT_TYPE;
};

/** The bytes that say it: what was signed, where anything was. */
export const bodyOf = ({ envelope, bundle, statement }: FoundAttestation): Buffer | undefined =>
  envelope?.body ?? bundle?.body ?? statement;
