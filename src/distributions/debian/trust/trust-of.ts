/** Every file of an image of Debian, from the archive's keys to its class. */
import { join, posix } from 'node:path';
import type { FileTree } from '../../../capture/file-tree.ts';
import type { GuestFiles } from '../../../capture/guest-files.ts';
import { counted } from '../../../counted.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { realFolders } from '../../../inspect/owners.ts';
import type { PackageDatabase } from '../../../inspect/package-database.ts';
import type { Subject } from '../../../inspect/subject.ts';
import type { Judged } from '../../../judgement.ts';
import { writeKeyring } from '../../../origin/keyring.ts';
import { DEBIAN_KEYRING } from '../../../recipe/values/debian-releases.ts';
import { besideTheTree } from '../../../trust/beside-the-tree.ts';
import { classify } from '../../../trust/classify.ts';
import { type Digests, digestFiles } from '../../../trust/digests.ts';
import type { Evidence } from '../../../trust/evidence.ts';
import { readNames } from '../../../trust/names.ts';
import { recordOf, stateOf, type TrustRecord } from '../../../trust/record.ts';
import { judgementOf } from '../../../trust/report.ts';
import { sideBySide } from '../../../trust/side-by-side.ts';
import { notJudged, type Trusted } from '../../../trust/trusted.ts';
import type { TrustSystem } from '../../distribution.ts';
import type { Lock } from '../archive/package-lock.ts';
import { absences } from './absences.ts';
import { bootSectors } from './boot-sectors.ts';
import { databaseFaults, STATUS } from './database.ts';
import { explainedDiversions, explainedOverrides, parseDiversions, parseOverrides } from './diversions.ts';
import { type Expectations, expectationsOf, type Held } from './expectations.ts';
import { debianFacts } from './facts.ts';
import { availableNames, type FindListed, findListed } from './listed.ts';
import { packageContents } from './package-content.ts';
import { findFiles, type PackageEvidence, packageEvidence } from './package-evidence.ts';
import { RULES, RULES_VERSION } from './rules.ts';
import { type Fault, readSignedIndex, reliedOn, type SignedIndex } from './signed-index.ts';
import { slimWhy } from './slim-exclusions.ts';
import type { Scripts } from './spelt.ts';
import { vouchedPackages } from './vouched.ts';

interface Known {
  readonly index: SignedIndex;
  /** What is wrong with the indexes. */
  readonly faults: readonly Fault[];
  readonly packages: PackageEvidence;
  readonly held: readonly Held[];
  readonly listed: FindListed;
}

export const TRUST: TrustSystem = {
  version: RULES_VERSION,
  async check(subject, evidence, signal) {
    const { database } = subject;
    if (database !== undefined) return trustOf({ ...subject, database }, evidence, signal);
    return notJudged('the image has no database of dpkg: there is no /var/lib/dpkg/status');
  },
};

const trustOf = async (
  subject: Subject & { readonly database: PackageDatabase },
  evidence: Evidence<Lock>,
  signal?: AbortSignal,
): Promise<Trusted> => {
  const { tree, files, database } = subject;
  const digests: Digests = new Map();
  const looked = knownPackages(subject, evidence, signal);
  await sideBySide([looked, digestFiles(tree.values(), digests, signal)]);
  const known = await looked;
  const { index, faults, packages, held, listed } = known;
  const names = await readNames(files);
  const scripts = scriptsOf(held);
  const text = async (name: string) => (await files.text(`/var/lib/dpkg/${name}`)) ?? '';
  const unjudged = unjudgedPaths(database, packages, tree);
  const diversions = explainedDiversions(parseDiversions(await text('diversions')), scripts, packages.without);
  const overrides = explainedOverrides(parseOverrides(await text('statoverride')), scripts, unjudged);
  const expected = expectationsOf(held, { tree, names, diversions: diversions.known, overrides: overrides.known });
  const installed = new Set(database.packages.map(({ name }) => name));
  const boot = await bootSectors(subject);
  const classification = await classify({
    tree,
    digests,
    expected,
    unjudged,
    isComplete: packages.without.length === 0,
    rules: RULES,
    facts: async (verified) =>
      debianFacts({
        tree,
        files,
        digests,
        expected,
        verified,
        names,
        scripts,
        installed,
        held,
        listed,
        said: evidence.said,
      }),
    absence: await absences(files, await believedExclusions(files, expected)),
    layers: evidence.layers,
    record: evidence.record,
  });
  const found: Judged[] = [
    ...faults.map(
      (one): Judged => ({
        ...one,
        verdict: 'fails',
        hint: 'Get the archive’s indexes again, from a mirror that you trust.',
      }),
    ),
    ...packages.found,
    ...diversions.found,
    ...overrides.found,
    ...databaseFaults(await text('status'), held, {
      listed,
      isSeen: isSeen(STATUS, evidence.record, { tree, digests }),
    }),
    ...boot.found,
    ...(await besideTheTree(subject)),
  ];
  const judgement = judgementOf(classification, {
    facts: [...index.facts, ...packageFacts(packages, database.packages.length), boot.fact],
    found,
    without: packages.without.map(({ installed: one, why }) => ({ package: `${one.name} ${one.version}`, why })),
    knowsSteps: evidence.layers !== undefined || evidence.record !== undefined,
  });
  const vouched = packages.held.flatMap(({ installed: { name, version, architecture }, by, sha256 }) =>
    by === undefined ? [] : [{ name, version, architecture, sha256, by }],
  );
  return { judgement, classification, record: recordOf(classification, { tree, digests, vouched }) };
};

/** How many packages of all, and who vouches for them. */
const packageFacts = ({ held }: PackageEvidence, all: number): string[] => {
  const byOrigin = Map.groupBy(held, ({ by }) => by);
  const signed = byOrigin.get(undefined)?.length ?? 0;
  return [
    `${signed} of ${counted(all, 'package')} held against what the archive signed`,
    ...[...byOrigin].flatMap(([by, packages]) =>
      by === undefined ? [] : [`${counted(packages.length, 'package')} held against what is from ${by}`],
    ),
  ];
};

/** Only what a package or a strip of Ingot has written counts. */
const believedExclusions = async (files: GuestFiles, expected: Expectations): Promise<(path: string) => boolean> => {
  const slims = new Set<string>();
  for (const { name } of await files.list('/etc/dpkg/dpkg.cfg.d')) {
    const path = `/etc/dpkg/dpkg.cfg.d/${name}`;
    if (slimWhy(path, (await files.text(path)) ?? '') === undefined) slims.add(path);
  }
  return (path) => expected.has(path) || slims.has(path);
};

/** The build saw exactly this file there. */
const isSeen = (
  path: string,
  record: TrustRecord | undefined,
  { tree, digests }: { readonly tree: FileTree; readonly digests: Digests },
): boolean => {
  const node = tree.get(path);
  return node !== undefined && record?.files[path]?.state === stateOf(node, digests);
};

const knownPackages = async (
  { files, database: { packages: installed } }: { readonly files: GuestFiles; readonly database: PackageDatabase },
  evidence: Evidence<Lock>,
  signal?: AbortSignal,
): Promise<Known> => {
  await using folder = await temporaryFolder('ingot-trust-');
  const keyring = join(folder.path, 'keyring.gpg');
  await writeKeyring(evidence.keys ?? [DEBIAN_KEYRING], keyring);
  const places = await findFiles(evidence);
  const wanted = new Set([...installed.map(({ name }) => name), ...(await availableNames(files))]);
  const index = await readSignedIndex(places, {
    keyring,
    wanted,
    folder: folder.path,
    lock: evidence.store?.lock,
    signal,
  });
  const vouched = await vouchedPackages([...(evidence.vouched ?? []), ...(evidence.record?.packages ?? [])], evidence, {
    wanted,
    folder: folder.path,
    blobs: evidence.blobs,
    signal,
  });
  const packages = await packageEvidence(installed, {
    ...{ index, vouched, store: evidence.store?.folder, debs: places.debs, signal },
  });
  const held: Held[] = [];
  for await (const [{ installed: one, sha256 }, content] of packageContents(packages.held, {
    kept: evidence.kept,
    signal,
  }))
    held.push({ name: one.name, title: `${one.name} ${one.version}`, sha256, content });
  // In one order, whatever was kept.
  held.sort((one, other) => (one.title < other.title ? -1 : 1));
  const unproven = packages.without.flatMap(({ installed: one, isUnlisted }) => (isUnlisted ? [one] : []));
  const faults = [...index.faults, ...(await reliedOn(index.unsigned, unproven, { folder: folder.path, signal }))];
  return { index, faults, packages, held, listed: findListed(index, vouched.find) };
};

const scriptsOf = (held: readonly Held[]): Scripts =>
  new Map(
    held.map(({ name, content }) => [
      name,
      Object.entries(content.files)
        .filter(([kind]) => /^((pre|post)(inst|rm)|config)$/.test(kind))
        .map(([, file]) => file.content)
        .join('\n'),
    ]),
  );

/** By the image's own database: it says of which package nothing is known, and vouches for nothing. */
const unjudgedPaths = (
  { packages }: PackageDatabase,
  { without }: PackageEvidence,
  tree: FileTree,
): ReadonlyMap<string, string> => {
  const names = new Map(without.map(({ installed: { name, architecture } }) => [`${name}:${architecture}`, name]));
  const realFolder = realFolders(tree);
  const found = new Map<string, string>();
  for (const { name, architecture, files } of packages)
    if (names.has(`${name}:${architecture}`))
      for (const path of files)
        found.set(path, name).set(posix.join(realFolder(posix.dirname(path)), posix.basename(path)), name);
  if (names.size === 0) return found;
  for (const path of tree.keys()) {
    const [, base = ''] = /^\/var\/lib\/dpkg\/info\/(.+)\.[a-z0-9-]+$/.exec(path) ?? [];
    const owner = without.find(
      ({ installed: { name, architecture } }) => base === name || base === `${name}:${architecture}`,
    );
    if (owner !== undefined) found.set(path, owner.installed.name);
  }
  return found;
};
