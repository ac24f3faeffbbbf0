/**
 * A statement as files of a folder. `STEM.json` is the statement itself, there in any case; signed, it also is the
 * payload of a DSSE envelope (`STEM.dsse.json`) and of a Sigstore bundle (`STEM.sigstore.json`), byte for byte.
 */
import { canonicalJson } from '../canonical-json.ts';
import { bundleOf } from './bundle.ts';
import { sealed } from './dsse.ts';
import type { Signer } from './signer.ts';
import { type Statement, statementBytes } from './statement.ts';

export const attestationNames = (stem: string) => ({
  statement: `${stem}.json`,
  envelope: `${stem}.dsse.json`,
  bundle: `${stem}.sigstore.json`,
});

export interface AttestationFile {
  readonly name: string;
  readonly content: Buffer;
}

/** `sbom.cdx.intoto` for a file `sbom.cdx.json`, in whose folder it will lie. */
export const stemFor = (file: string): string => `${file.replace(/\.json$/, '')}.intoto`;

export const attestationFiles = async (
  stem: string,
  statement: Statement,
  signer: Signer | undefined,
): Promise<AttestationFile[]> => {
  const names = attestationNames(stem);
  const body = statementBytes(statement);
  const plain = { name: names.statement, content: body };
  if (signer === undefined) return [plain];
  const envelope = await sealed(body, signer);
  const json = (value: unknown) => Buffer.from(`${canonicalJson(value)}\n`);
  return [
    plain,
    { name: names.envelope, content: json(envelope) },
    { name: names.bundle, content: json(bundleOf(envelope, signer.public.id)) },
  ];
};
