/**
 * The check `trust` of `ingot verify`: the files of an image against signed packages, from a folder, or from the store of a build on
 * this host. The folder that is verified says what steps did, and is believed for that as far as its signatures are.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { VerifyContext } from '../../attest/verify-context.ts';
import { type Lock, parseLock } from '../../distributions/debian/archive/package-lock.ts';
import { trustOfImage } from '../../distributions/find-image.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { sha256File } from '../../host/files.ts';
import { ifThere } from '../../host/if-there.ts';
import { type Judgement, verdictOf } from '../../judgement.ts';
import type { Evidence } from '../../trust/evidence.ts';
import { parseRecord, type TrustRecord } from '../../trust/record.ts';
import { notJudged } from '../../trust/trusted.ts';
import { RECORD } from '../deliver/delivered.ts';
import { namedMedia, provenBy, storedMedia } from './known-medium.ts';

export interface FilesEvidence {
  /** A folder with packages and indexes, or an ISO. */
  readonly packages?: string | undefined;
  /** Keys of the archive, where they are not the family's own. */
  readonly keyring?: string | undefined;
  /** A store, where there may be one. */
  readonly store: string;
}

export const checkFiles = async (context: VerifyContext, evidence: FilesEvidence): Promise<Judgement> => {
  const record = parseRecord((await context.read(RECORD))?.toString() ?? '');
  const lock = await lockIn(evidence.store, context.manifest);
  const given = await givenPackages(evidence, context);
  const judgements: Judgement[] = [];
  // All have the same disk, which the sums hold together: the one that is read fastest is enough.
  const images = context.image === undefined ? context.images.toSorted(rawFirst).slice(0, 1) : context.images;
  for (const image of images)
    judgements.push(await checkImage(image, { evidence, given, lock, record, signal: context.signal }));
  if (judgements.length === 0) return notJudged('there is no image to look into').judgement;
  const found = judgements.flatMap((one) => one.found);
  return {
    check: 'trust',
    verdict: verdictOf(judgements.map(({ verdict }) => verdict)),
    facts: judgements.flatMap(({ facts }) => facts),
    found,
  };
};

const rawFirst = (one: string, other: string): number => Number(other.endsWith('.raw')) - Number(one.endsWith('.raw'));

interface Looking {
  readonly evidence: FilesEvidence;
  readonly given: GivenPackages;
  readonly lock: Lock | undefined;
  readonly record: TrustRecord | undefined;
  readonly signal: AbortSignal | undefined;
}

const checkImage = async (
  image: string,
  { evidence: { keyring, store }, given, lock, record, signal }: Looking,
): Promise<Judgement> => {
  await using subject = await openSubject(image, signal ?? new AbortController().signal);
  const system = await trustOfImage(subject);
  if (system === undefined) {
    const id = subject.osRelease.get('ID') ?? 'this system';
    return notJudged(`files of ${id} are not held against their packages yet`).judgement;
  }
  const shared = join(store, 'shared');
  const { judgement } = await system.check(
    subject,
    {
      ...given.evidence,
      keys: keyring === undefined ? undefined : [keyring],
      ...(lock === undefined ? {} : { store: { folder: join(shared, 'packages'), lock } }),
      ...(lock === undefined && !given.isOfStore ? {} : { kept: join(shared, 'host', 'package-contents') }),
      // What the recipe adds is known by the record's digests.
      blobs: join(shared, 'packages'),
      record,
    },
    signal,
  );
  const known = record === undefined ? [] : [`what the build changed is taken from ${RECORD}`];
  return { ...judgement, facts: [basename(image), ...known, ...given.facts, ...judgement.facts] };
};

interface GivenPackages {
  readonly evidence: Pick<Evidence<Lock>, 'folder' | 'media' | 'pools'>;
  readonly facts: readonly string[];
  /** A store has the medium of the build. */
  readonly isOfStore: boolean;
}

/** An ISO counts as far as the manifest has its digest; where none is given, it is looked for. */
const givenPackages = async (
  { packages, store }: FilesEvidence,
  { manifest, signal }: VerifyContext,
): Promise<GivenPackages> => {
  const named = namedMedia(manifest);
  const isFile = packages !== undefined && (await ifThere(stat(packages)))?.isFile();
  if (!isFile) {
    const media = packages === undefined ? await storedMedia(store, named, signal) : [];
    return { evidence: { folder: packages, media }, facts: [], isOfStore: media.length > 0 };
  }
  const sha256 = await sha256File(packages, signal);
  if (named.some((one) => one.sha256 === sha256))
    return { evidence: { media: [provenBy(packages, sha256)] }, facts: [], isOfStore: false };
  const fact = `${basename(packages)} is no ISO that the manifest has as proved: its index vouches for nothing`;
  return { evidence: { pools: [packages] }, facts: [fact], isOfStore: false };
};

const suites = z.looseObject({
  origin: z.looseObject({ suites: z.array(z.looseObject({ inRelease: z.string() })) }),
});

/** That of the build, by the indexes that the manifest names. It only says where to look: signatures are checked again. */
const lockIn = async (store: string, manifest: unknown): Promise<Lock | undefined> => {
  const wanted = suites.safeParse(manifest).data?.origin.suites.map(({ inRelease }) => inRelease);
  if (wanted === undefined) return undefined;
  const folder = join(store, 'stages', 'resolve');
  const found: { readonly lock: Lock; readonly made: number }[] = [];
  for (const name of (await ifThere(readdir(folder))) ?? []) {
    const path = join(folder, name, 'lock.json');
    const text = await ifThere(readFile(path, 'utf8'));
    const lock = text === undefined ? undefined : parseLock(text);
    if (lock === undefined || !lock.suites.every(({ inRelease }) => wanted.includes(inRelease.sha256))) continue;
    found.push({ lock, made: (await stat(path)).mtimeMs });
  }
  return found.sort((one, other) => other.made - one.made)[0]?.lock;
};

/** Whether there is anything to ask: a build's record, packages, or keys (rpm's database has all else). A folder of an older Ingot has none. */
export const hasFilesEvidence = ({ files }: VerifyContext, { packages, keyring }: FilesEvidence): boolean =>
  packages !== undefined || keyring !== undefined || files.includes(RECORD);
