/** What is stated of a delivery: written into its folder when all else lies there, and looked at when it is kept. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attestationNames, stemFor } from '../../attest/attestation.ts';
import { readEnvelope, signersOf } from '../../attest/dsse.ts';
import { attestDocuments, filesBeside, writeAttestation } from '../../attest/folder-attestation.ts';
import { readStatement, statementOf } from '../../attest/statement.ts';
import { type Signing, sumsSignatureNames } from '../../attest/sums-signing.ts';
import type { Manifest } from '../../capture/manifest.ts';
import { testResultPredicate } from '../../checks/report/predicate.ts';
import type { TestReport } from '../../checks/report/report.ts';
import { PREDICATES } from '../../formats/reports/predicates.ts';
import { isThere } from '../../host/if-there.ts';
import { type ProvenanceOf, provenanceOf, subjectsOf } from './provenance-of.ts';

const PROVENANCE = 'provenance';

/** Provenance comes last: it names every other file. */
export const attestOutput = async (
  folder: string,
  { tested, ...given }: Omit<ProvenanceOf, 'beside'> & { readonly tested: TestReport | undefined },
  { signer }: Signing,
): Promise<void> => {
  const subjects = subjectsOf(given.manifest);
  await attestDocuments(folder, subjects, signer);
  if (tested !== undefined) {
    const statement = statementOf(subjects, PREDICATES.tests, testResultPredicate(tested));
    await writeAttestation(folder, stemFor('tests.json'), statement, signer);
  }
  const beside = await filesBeside(folder, subjects);
  await writeAttestation(folder, PROVENANCE, await provenanceOf({ ...given, beside }), signer);
};

/** Whether what lies there is stated, and signed as it is asked for now. */
export const isAttested = async (folder: string, manifest: Manifest, signing: Signing): Promise<boolean> => {
  const names = attestationNames(PROVENANCE);
  const read = (name: string) => readFile(join(folder, name)).catch(() => Buffer.of());
  const body = await read(names.statement);
  const statement = readStatement(body);
  if (statement?.predicateType !== PREDICATES.provenance) return false;
  const isAbout = subjectsOf(manifest).every(({ name, digest }) =>
    statement.subject.some((one) => one.name === name && one.digest.sha256 === digest.sha256),
  );
  const sums = await Promise.all(sumsSignatureNames(signing).map((name) => isThere(join(folder, name))));
  if (!isAbout || sums.includes(false)) return false;
  if (signing.signer === undefined) return true;
  const envelope = readEnvelope(await read(names.envelope));
  return envelope?.body.equals(body) === true && signersOf(envelope, [signing.signer.public]).length > 0;
};
