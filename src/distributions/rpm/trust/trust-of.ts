/**
 * Every file of an image of rpm packages, from the vendor's key to its class. rpm's database keeps the header of each package with its
 * signature, so nothing else is needed than the key; that has to come from outside, since those on the disk are as good as the disk.
 */
import { join, posix } from 'node:path';
import type { FileNode, FileTree } from '../../../capture/file-tree.ts';
import { counted } from '../../../counted.ts';
import { IngotError } from '../../../errors.ts';
import { parseRpmHeader, signedPart } from '../../../formats/packages/rpm-header.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { realFolders } from '../../../inspect/owners.ts';
import type { Subject } from '../../../inspect/subject.ts';
import type { Judged } from '../../../judgement.ts';
import { writeKeyring } from '../../../origin/keyring.ts';
import { besideTheTree } from '../../../trust/beside-the-tree.ts';
import type { Classed } from '../../../trust/classes.ts';
import { classify } from '../../../trust/classify.ts';
import { type Digests, digestFiles } from '../../../trust/digests.ts';
import type { Evidence } from '../../../trust/evidence.ts';
import { type Names, readNames } from '../../../trust/names.ts';
import { recordOf } from '../../../trust/record.ts';
import { judgementOf } from '../../../trust/report.ts';
import { sideBySide } from '../../../trust/side-by-side.ts';
import { notJudged, type Trusted } from '../../../trust/trusted.ts';
import { readRpmDatabase } from '../database.ts';
import { type RpmRecord, rpmRecord } from '../rpm-package.ts';
import { checkHeaders, type HeaderVerdict, type SignedHeader, signaturesIn } from '../signed-headers.ts';
import { type Expectations, expectationsOf, type Held } from './expectations.ts';
import { type RpmFacts, RULES, RULES_VERSION } from './rules.ts';

export const RPM_TRUST = {
  version: RULES_VERSION,
  async check(subject: Subject, evidence: Evidence<unknown>, signal?: AbortSignal): Promise<Trusted> {
    const database = await readRpmDatabase(subject.files);
    if (database === undefined) return notJudged("the image has no database of rpm's");
    if (evidence.keys === undefined)
      return notJudged(
        'nobody says which key has to have signed its packages: name it with `--keyring` (those on the disk are as good as the disk)',
      );
    return await trustOf(subject, { packages: database.packages, evidence, keys: evidence.keys, signal });
  },
};

interface Asked {
  readonly packages: readonly RpmRecord[];
  readonly evidence: Evidence<unknown>;
  readonly keys: readonly string[];
  readonly signal: AbortSignal | undefined;
}

const trustOf = async (subject: Subject, { packages, evidence, keys, signal }: Asked): Promise<Trusted> => {
  const { files } = subject;
  const tree = withoutLabels(subject.tree);
  const digests: Digests = new Map();
  const looked = signedPackages(packages, keys, signal);
  await sideBySide([looked, digestFiles(tree.values(), digests, signal)]);
  const { held, without, forged, facts: signers } = await looked;
  const names = await readNames(files);
  const known = expectationsOf(held, { tree, names });
  const unjudged = new Map([
    ...known.unjudged,
    ...pathsOf(
      without.map(({ record }) => record),
      tree,
    ),
  ]);
  const classification = await classify({
    tree,
    digests,
    expected: known.expected,
    unjudged,
    isComplete: without.length === 0,
    rules: RULES,
    facts: async (verified) => factsOf({ tree, digests, known, names, verified }),
    absence: (path) => known.mayBeMissing.get(path),
    layers: evidence.layers,
    record: evidence.record,
  });
  const judgement = judgementOf(classification, {
    facts: [
      `${held.length} of ${counted(packages.length, 'package')} held against headers that are signed`,
      ...signers,
      'labels of SELinux and IMA are not read',
    ],
    found: [...forged, ...(await besideTheTree(subject))],
    without: without.map(({ record, why }) => ({ package: titleOf(record), why })),
    knowsSteps: evidence.layers !== undefined || evidence.record !== undefined,
  });
  return { judgement, classification, record: recordOf(classification, { tree, digests, vouched: [] }) };
};

const titleOf = ({ name, version }: Pick<RpmRecord, 'name' | 'version'>): string => `${name} ${version}`;

/** The system writes them by its policy; no package has them. */
const LABELS = /^security\.(selinux|ima|evm)$/;

const withoutLabels = (tree: FileTree): FileTree =>
  new Map(
    [...tree].map(([path, node]): [string, FileNode] => {
      if (![...(node.attributes?.keys() ?? [])].some((name) => LABELS.test(name))) return [path, node];
      const attributes = new Map([...(node.attributes ?? [])].filter(([name]) => !LABELS.test(name)));
      return [path, { ...node, attributes }];
    }),
  );

interface SignedPackages {
  readonly held: readonly Held[];
  readonly without: readonly { readonly record: RpmRecord; readonly why: string }[];
  readonly forged: readonly Judged[];
  /** Who signed how many, a line each. */
  readonly facts: readonly string[];
}

const signedPackages = async (
  packages: readonly RpmRecord[],
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<SignedPackages> => {
  await using folder = await temporaryFolder('ingot-trust-');
  const keyring = join(folder.path, 'keyring.gpg');
  await writeKeyring(keys, keyring);
  const all = packages.map((record) => ({ record, signed: signedOf(record) }));
  const asked = all.filter((one): one is { record: RpmRecord; signed: Buffer } => one.signed !== undefined);
  const headers = asked.map(
    ({ record, signed }): SignedHeader => ({ signed, signatures: signaturesIn(record.header) }),
  );
  const verdicts = await checkHeaders(headers, { keyring, signal });
  const held: Held[] = [];
  const without: { record: RpmRecord; why: string }[] = all
    .filter(({ signed }) => signed === undefined)
    .map(({ record }) => ({ record, why: 'its header has no part that could be signed' }));
  const forged: Judged[] = [];
  const signers = new Map<string, number>();
  for (const [nth, { record, signed }] of asked.entries()) {
    const verdict = verdicts[nth];
    if (verdict?.verdict === 'signed') {
      // Of the signed part alone: what the database adds is in nobody's signature.
      held.push({ title: titleOf(record), record: rpmRecord(signed, false) });
      const by = toldSigner(verdict);
      signers.set(by, (signers.get(by) ?? 0) + 1);
      continue;
    }
    without.push({ record, why: verdict?.why ?? 'nobody has signed it' });
    if (verdict?.verdict === 'forged') forged.push(forgedPackage(record, verdict.why));
  }
  const facts = [...signers].map(([by, count]) => `${counted(count, 'package')} signed by ${by}`);
  return { held: held.filter(isNamedSo(forged)), without, forged, facts };
};

const toldSigner = ({ fingerprint, hasExpired }: Extract<HeaderVerdict, { verdict: 'signed' }>): string =>
  hasExpired ? `${fingerprint}, which has expired since` : fingerprint;

const signedOf = ({ blob }: RpmRecord): Buffer | undefined => {
  try {
    const signed = signedPart(blob);
    if (signed !== undefined) parseRpmHeader(signed);
    return signed;
  } catch (error) {
    if (error instanceof IngotError && error.code === 'inspect.rpm-header') return undefined;
    throw error;
  }
};

/** The database may call a package otherwise than its signed header does. */
const isNamedSo =
  (found: Judged[]) =>
  ({ title, record }: Held): boolean => {
    if (titleOf(record) === title) return true;
    found.push({
      ...DATABASE,
      message: `rpm's database has ${title}, and the header that is signed is of ${titleOf(record)}`,
    });
    return false;
  };

const DATABASE = {
  rule: 'trust/database',
  verdict: 'fails',
  where: "rpm's database",
  hint: 'rpm writes what the package says; somebody else has written there.',
} as const;

const forgedPackage = (record: RpmRecord, why: string): Judged => ({
  ...DATABASE,
  message: `what rpm's database says of ${titleOf(record)} is not what was signed: ${why}`,
});

/** By the database: it says of which package nothing is known, and vouches for nothing. */
const pathsOf = (records: readonly RpmRecord[], tree: FileTree): ReadonlyMap<string, string> => {
  const realFolder = realFolders(tree);
  return new Map(
    records.flatMap((record) =>
      record.files.map((path) => [posix.join(realFolder(posix.dirname(path)), posix.basename(path)), record.name]),
    ),
  );
};

interface Known {
  readonly tree: FileTree;
  readonly digests: Digests;
  readonly known: Expectations;
  readonly names: Names;
  readonly verified: ReadonlyMap<string, Classed>;
}

const factsOf = ({ tree, digests, known, names, verified }: Known): RpmFacts => {
  const real = realFolders(tree);
  return {
    ownerOf: names.ownerOf,
    ghosts: known.ghosts,
    mayDiffer: known.mayDiffer,
    expected: (path) => known.expected.get(path)?.[0],
    digest: ({ identity }) => digests.get(identity),
    isVerified: (path) => verified.get(real(path))?.class === 'verified' && tree.get(real(path))?.type === 'file',
    sha256Of: (path) => known.expected.get(real(path))?.[0]?.sha256,
  };
};
