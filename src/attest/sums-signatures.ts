/** Signatures over SHA256SUMS itself: minisign's and OpenPGP's, for whoever has no more than these tools. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { binaryKeyring } from '../formats/signatures/armor.ts';
import { temporaryFolder } from '../host/files.ts';
import type { Judged } from '../judgement.ts';
import { checkDetached, WEAK_HASHES } from '../origin/gpgv.ts';
import { isMinisigned } from './minisign.ts';
import { SUMS } from './sums-check.ts';
import type { VerifyContext } from './verify-context.ts';

interface SumsSignatures {
  readonly isSigned: boolean;
  readonly facts: readonly string[];
  readonly found: readonly Judged[];
}

interface Kind {
  readonly name: string;
  /** The file with the signature. */
  readonly file: string;
  readonly isAsked: boolean;
  readonly isSound: (sums: Buffer, signature: Buffer) => Promise<boolean>;
}

export const checkSumsSignatures = async (context: VerifyContext): Promise<SumsSignatures> => {
  const sums = await context.read(SUMS);
  const judged = await Promise.all(kindsOf(context).map((kind) => judge(kind, sums, context)));
  return {
    isSigned: judged.some(({ isSigned }) => isSigned),
    facts: judged.flatMap(({ facts }) => facts),
    found: judged.flatMap(({ found }) => found),
  };
};

const kindsOf = ({ expected: { minisign, openpgp } }: VerifyContext): Kind[] => [
  {
    name: 'minisign',
    file: `${SUMS}.minisig`,
    isAsked: minisign.length > 0,
    isSound: async (sums, signature) => minisign.some((key) => isMinisigned(sums, signature.toString('utf8'), key)),
  },
  {
    name: 'OpenPGP',
    file: `${SUMS}.asc`,
    isAsked: openpgp.length > 0,
    isSound: async (sums, signature) => {
      for (const keyring of openpgp) if (await isOpenpgpSigned(sums, signature, keyring)) return true;
      return false;
    },
  },
];

const judge = async (
  { name, file, isAsked, isSound }: Kind,
  sums: Buffer | undefined,
  context: VerifyContext,
): Promise<SumsSignatures> => {
  const signature = await context.read(file);
  const isSigned = signature !== undefined;
  const fails = (rule: string, message: string): SumsSignatures => ({
    isSigned,
    facts: [],
    found: [
      {
        rule: `signatures/${rule}`,
        verdict: 'fails',
        message,
        where: file,
        hint: 'Is the key the one of who published it? If it is, these sums are not what was signed.',
      },
    ],
  });
  if (!isAsked)
    return { isSigned, facts: isSigned ? [`${file} not looked at: no key of ${name} is named`] : [], found: [] };
  if (signature === undefined)
    return fails('sums-unsigned', `there is no ${file}, and a key of ${name} is expected to have signed`);
  if (sums === undefined) return fails('sums-missing', `there is no ${SUMS} that ${file} could be about`);
  if (!(await isSound(sums, signature)))
    return fails('sums-wrong-key', `${file} is no signature of an expected key over ${SUMS}`);
  return { isSigned, facts: [`${SUMS} signed with ${name}`], found: [] };
};

/** One good signature by a key of the file, none that is bad, and no digest that can be forged. */
const isOpenpgpSigned = async (sums: Buffer, signature: Buffer, keyFile: string): Promise<boolean> => {
  await using folder = await temporaryFolder();
  const write = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder.path, name), bytes);
    return join(folder.path, name);
  };
  const { signatures, isClean } = await checkDetached({
    path: await write('sums', sums),
    signature: await write('signature', signature),
    keyring: await write('keyring', binaryKeyring(await readFile(keyFile)) ?? Buffer.of()),
  });
  const isBad = signatures.some(({ state }) => state === 'bad');
  const isGood = signatures.some(
    ({ state, hash }) => state === 'good' && !(hash !== undefined && WEAK_HASHES.has(hash)),
  );
  return isClean && !isBad && isGood;
};
