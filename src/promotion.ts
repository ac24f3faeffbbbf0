/**
 * A finished folder that holds becomes a golden one: it is verified, copied, each copy is compared with what was verified, and a
 * summary of the verification (SLSA VSA v1) is put beside it. What does not hold is not copied.
 */
import { chmod, realpath, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { writeAttestation } from './attest/folder-attestation.ts';
import type { Signer } from './attest/signer.ts';
import { statementOf } from './attest/statement.ts';
import type { VerifyContext } from './attest/verify-context.ts';
import { IngotError } from './errors.ts';
import { PREDICATES } from './formats/reports/predicates.ts';
import { requireSpace, sha256File, syncPath, temporaryFolder } from './host/files.ts';
import { makeFolders, nearestFolder } from './host/folders.ts';
import { isThere } from './host/if-there.ts';
import { ingotVersion } from './host/project.ts';
import { run } from './host/run.ts';
import type { ReadPolicy } from './policy/read-policy.ts';
import { type Check, type Verified, verify } from './verification.ts';

export interface Promotion {
  readonly context: VerifyContext;
  readonly checks: readonly Check[];
  readonly policy: ReadPolicy | undefined;
  /** The folder below which it appears, by the name that it has now. */
  readonly to: string;
  readonly signer: Signer | undefined;
  readonly now: Date;
}

export interface Promoted {
  readonly verified: Verified;
  /** The golden folder; undefined when it does not hold. */
  readonly output: string | undefined;
}

/** Throws `attest.promoted-already`, `attest.copy-differs`, `usage.no-folder`, `usage.promoted-into-itself`, `host.not-a-folder`. */
export const promote = async ({ context, checks, policy, to, signer, now }: Promotion): Promise<Promoted> => {
  if (context.image !== undefined || context.manifest === undefined)
    throw new IngotError('usage.no-folder', 'a finished folder is promoted as a whole', {
      where: context.folder,
      hint: 'Name the folder that the build made, such as out/web: it has a manifest.json.',
    });
  const golden = resolve(to);
  await requireElsewhere(golden, context.folder);
  const final = join(golden, basename(context.folder));
  if (await isThere(final))
    throw new IngotError('attest.promoted-already', 'there is a golden image of this name already', {
      where: final,
      hint: 'Golden images are not replaced: name another folder (--to golden/2), or move that one away.',
    });
  const verified = await verify(context, checks);
  if (verified.verdict !== 'holds') return { verified, output: undefined };
  await makeFolders(golden);
  const sizes = await Promise.all(
    context.files.map(async (name) => (await stat(join(context.folder, name))).blocks * 512),
  );
  await requireSpace(
    golden,
    sizes.reduce((sum, size) => sum + size, 0),
    'the golden copy',
    'write it to another place',
  );
  await using made = await temporaryFolder(`.${basename(final)}.promoted-`, golden);
  for (const name of context.files) await copy(context, name, made.path);
  const summary = summaryOf(context, { verified, policy, now });
  await writeAttestation(made.path, 'promotion.intoto', await summary, signer);
  await made.handle.chmod(0o755);
  await syncPath(made.path);
  await rename(made.path, final);
  await syncPath(golden);
  return { verified, output: final };
};

/** Before anything is verified: the folder that is promoted is never written into, whatever links lead there. */
const requireElsewhere = async (to: string, folder: string): Promise<void> => {
  const [place, source] = await Promise.all([realpath(await nearestFolder(to)), realpath(folder)]);
  if (place !== source && !place.startsWith(`${source}/`)) return;
  throw new IngotError(
    'usage.promoted-into-itself',
    'the golden copy would be written into the folder that is promoted',
    {
      where: to,
      hint: 'Name a folder elsewhere, where golden images are kept: --to golden.',
    },
  );
};

/** A copy is what was verified, or it is none: somebody may change the folder meanwhile. */
const copy = async ({ folder, digest, signal }: VerifyContext, name: string, to: string): Promise<void> => {
  const [source, target] = [join(folder, name), join(to, name)];
  await makeFolders(dirname(target));
  await run('cp', ['--reflink=auto', '--sparse=auto', '--no-target-directory', source, target], {
    ...(signal === undefined ? {} : { signal }),
  });
  await chmod(target, (await stat(source)).mode & 0o777);
  await syncPath(target);
  if ((await sha256File(target, signal)) === (await digest(name))) return;
  throw new IngotError('attest.copy-differs', `the copy of ${name} is not what was verified`, {
    where: source,
    hint: 'Did something change the folder meanwhile? Verify it again; if it holds, look at the disk.',
  });
};

interface Seen {
  readonly verified: Verified;
  readonly policy: ReadPolicy | undefined;
  readonly now: Date;
}

/** https://slsa.dev/spec/v1.1/verification_summary */
const summaryOf = async ({ manifest, digest, files }: VerifyContext, { verified, policy, now }: Seen) => {
  const subjects = await Promise.all(
    (manifest?.images ?? []).map(async ({ file }) => ({ name: file, digest: { sha256: (await digest(file)) ?? '' } })),
  );
  const statements = files.filter((name) => /^provenance\.json$|\.intoto\.json$/.test(name));
  const inputs = statements.map(async (uri) => ({ uri, digest: { sha256: (await digest(uri)) ?? '' } }));
  return statementOf(subjects, PREDICATES.summary, {
    verifier: { id: 'urn:ingot:verifier:v1', version: { ingot: ingotVersion() } },
    timeVerified: now.toISOString(),
    resourceUri: `urn:ingot:image:${manifest?.name}:${manifest?.version}`,
    policy:
      policy === undefined ? { uri: 'urn:ingot:policy:none' } : { uri: policy.name, digest: { sha256: policy.digest } },
    inputAttestations: await Promise.all(inputs),
    verificationResult: 'PASSED',
    // That there is provenance; who runs the builder decides about more, and no tool can.
    verifiedLevels: verified.checks.some(({ check, verdict }) => check === 'statements' && verdict === 'holds')
      ? ['SLSA_BUILD_LEVEL_1']
      : ['SLSA_BUILD_LEVEL_0'],
    slsaVersion: '1.1',
  });
};
