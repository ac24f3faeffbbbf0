/** Statements that are written into a folder: at delivery, and later, when something was found out about an image. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { PREDICATES } from '../formats/reports/predicates.ts';
import { sha256File, writeFileWhole } from '../host/files.ts';
import { isThere } from '../host/if-there.ts';
import { attestationFiles, attestationNames, stemFor } from './attestation.ts';
import type { Signer } from './signer.ts';
import { jsonOf, type Statement, type Subject, statementOf } from './statement.ts';

export const writeAttestation = async (
  folder: string,
  stem: string,
  statement: Statement,
  signer: Signer | undefined,
): Promise<string[]> => {
  const files = await attestationFiles(stem, statement, signer);
  for (const { name, content } of files) await writeFileWhole(join(folder, name), content);
  return files.map(({ name }) => name);
};

/** Throws `attest.already-there`: a statement that may have been read by others is not replaced. */
export const addAttestation = async (
  folder: string,
  stem: string,
  statement: Statement,
  signer: Signer | undefined,
): Promise<string[]> => {
  const { statement: name } = attestationNames(stem);
  if (await isThere(join(folder, name)))
    throw new IngotError('attest.already-there', `${name} is there already`, {
      where: folder,
      hint: 'Give the new one a name of its own, or move the other one away.',
    });
  return writeAttestation(folder, stem, statement, signer);
};

const DOCUMENTS = [
  { ending: '.cdx.json', predicateType: PREDICATES.cyclonedx },
  { ending: '.spdx.json', predicateType: PREDICATES.spdx },
] as const;

/** A statement for each bill of materials that lies there, with the whole of it inside. */
export const attestDocuments = async (
  folder: string,
  subject: readonly Subject[],
  signer: Signer | undefined,
): Promise<void> => {
  for (const name of (await readdir(folder)).sort()) {
    const kind = DOCUMENTS.find(({ ending }) => name.endsWith(ending));
    if (kind === undefined) continue;
    const document = jsonOf(await readFile(join(folder, name)));
    await writeAttestation(folder, stemFor(name), statementOf(subject, kind.predicateType, document), signer);
  }
};

/** All files of a folder but these, by name and digest. */
export const filesBeside = async (
  folder: string,
  subjects: readonly Subject[],
): Promise<{ readonly name: string; readonly sha256: string }[]> => {
  const names = (await readdir(folder)).filter((name) => subjects.every((one) => one.name !== name)).sort();
  return Promise.all(names.map(async (name) => ({ name, sha256: await sha256File(join(folder, name)) })));
};
