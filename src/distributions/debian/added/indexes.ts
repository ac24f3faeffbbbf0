/** The indexes of the repositories, fetched by apt and checked once more, apart from apt, against each one's key. */
import { basename } from 'node:path';
import { IngotError, retold } from '../../../errors.ts';
import { isThere } from '../../../host/if-there.ts';
import { run } from '../../../host/run.ts';
import { checkIdentity } from '../../../origin/blobs.ts';
import { withoutUrlSecrets } from '../../../recipe/secrets/url-secrets.ts';
import { type AptContext, aptGetArguments, copyLists, outputOf } from '../archive/apt.ts';
import { aptError } from '../archive/apt-error.ts';
import type { IndexFile } from '../archive/index-file.ts';
import { requireNotOlder, type SeenOptions } from '../archive/newest-seen.ts';
import { buildPackageIndex, type PackageIndex } from '../archive/package-index.ts';
import { expiryNote, INCOMPLETE, parseReleaseFile, type ReleaseFile } from '../archive/release-file.ts';
import { type Signed, verifyClearsigned, verifyDetached } from '../archive/verify-signature.ts';
import type { ExtraApt, RepositorySource } from './apt-with-sources.ts';

/**
 * One index for each repository, in their order. Throws what apt says of it (`origin.bad-signature`,
 * `origin.index-expired`, `origin.mirror-unreachable`, …) with the place in the recipe.
 */
export const repositoryIndexes = async (
  apt: ExtraApt,
  repositories: readonly RepositorySource[],
  context: IndexContext,
): Promise<readonly RepositoryIndex[]> => {
  const { lists } = context;
  if (lists !== undefined) await copyLists(lists, apt.paths.lists);
  const result = await run('apt-get', aptGetArguments(apt.paths, ['-o', 'pkgCacheFile::Generate=false', 'update']), {
    allow: [100],
    onLine: (line) => context.reporter.line(line),
    signal: context.signal,
    hint: 'Packages are fetched with apt: install apt, dpkg and gpgv on this host.',
  });
  if (result.exitCode !== 0) throw explained(outputOf(result), repositories);
  const targets = await indexTargets(apt, context);
  if (lists !== undefined) await keepLists(apt, targets, lists);
  const indexes: RepositoryIndex[] = [];
  for (const [number, source] of repositories.entries()) {
    const own = targets.filter(({ entry }) => entry.startsWith(`${apt.sources[number]}:`));
    if (own.length === 0) {
      throw new IngotError('origin.not-on-mirror', `${source.url} has no packages of ${source.suite} for amd64`, {
        where: source.where,
        hint: 'Check its suite and components.',
      });
    }
    const checked: CheckedIndex[] = [];
    for (const target of own) checked.push(await checkedIndex(target, apt.keyrings[number] ?? '', source, context));
    const [{ signers, date } = { signers: [], date: '' }] = checked;
    indexes.push({ packages: buildPackageIndex(checked.map(({ file }) => file)), signers, date });
  }
  return indexes;
};

/** What is this host's own (the medium's packages, .debs) is not kept. */
const keepLists = (apt: ExtraApt, targets: readonly Target[], lists: string): Promise<void> => {
  const bases = targets
    .filter(({ entry }) => apt.sources.some((source) => entry.startsWith(`${source}:`)))
    .map((target) => basename(baseOf(target)));
  return copyLists(apt.paths.lists, lists, (name) => bases.some((base) => name.startsWith(`${base}_`)));
};

/** apt's files of a suite begin so. */
const baseOf = ({ file, metaKey }: Target): string =>
  file.slice(0, file.lastIndexOf(`_${metaKey.replaceAll('/', '_')}`));

interface IndexContext extends AptContext {
  /** Where apt's files of the last time are kept: what has not changed is not fetched again. Builds may share it. */
  readonly lists?: string | undefined;
  /** Where the newest index of each repository is remembered; nothing is when absent. */
  readonly seen?: SeenOptions | undefined;
}

/** The packages of a repository, and who says so. */
export interface RepositoryIndex {
  readonly packages: PackageIndex;
  /** Fingerprints. */
  readonly signers: readonly string[];
  /** Of its Release file, ISO 8601. */
  readonly date: string;
}

interface CheckedIndex extends Omit<RepositoryIndex, 'packages'> {
  readonly file: IndexFile;
}

interface Target {
  /** Of sources.list(5): file and number. */
  readonly entry: string;
  readonly metaKey: string;
  readonly file: string;
}

const FORMAT = '$(SOURCESENTRY)|$(METAKEY)|$(FILENAME)';

const indexTargets = async ({ paths }: ExtraApt, { signal }: AptContext): Promise<Target[]> => {
  const args = aptGetArguments(paths, ['indextargets', '--format', FORMAT, 'Created-By: Packages']);
  const { stdout } = await run('apt-get', args, { signal });
  return stdout.split('\n').flatMap((line) => {
    const [entry, metaKey, file] = line.split('|');
    return entry && metaKey && file ? [{ entry, metaKey, file }] : [];
  });
};

const checkedIndex = async (
  target: Target,
  keyring: string,
  { where, suite, url }: RepositorySource,
  { signal, reporter, seen }: IndexContext,
): Promise<CheckedIndex> => {
  const { metaKey, file } = target;
  const base = baseOf(target);
  const { release, signers } = await releaseOf(base, keyring, signal).catch((error: unknown) => {
    throw located(error, where);
  });
  const place = withoutUrlSecrets(url);
  const older = seen && (await requireNotOlder({ archive: place, suite, date: release.date, signers, where }, seen));
  if (older !== undefined) reporter.note(older);
  const note = expiryNote(`${suite} on ${withoutUrlSecrets(url)}`, release);
  if (note !== undefined) reporter.note(note);
  const expected = release.files.get(metaKey);
  if (expected === undefined)
    throw new IngotError('origin.release-invalid', `${suite} does not sign its ${metaKey}`, {
      where,
      hint: `Does \`components\` name what this suite has? ${INCOMPLETE}`,
    });
  await checkIdentity(file, expected, `${suite}/${metaKey}`, signal);
  return { file: { suite, path: file }, signers, date: release.date.toISOString() };
};

interface SignedRelease {
  readonly release: ReleaseFile;
  readonly signers: readonly string[];
}

/** What is signed: InRelease, or Release with Release.gpg beside it, as the repository has it. */
const releaseOf = async (base: string, keyring: string, signal: AbortSignal | undefined): Promise<SignedRelease> => {
  const inRelease = `${base}_InRelease`;
  const signed: Signed = (await isThere(inRelease))
    ? await verifyClearsigned(inRelease, keyring, signal)
    : await verifyDetached(`${base}_Release`, `${base}_Release.gpg`, keyring, signal);
  return { release: parseReleaseFile(signed.text, base), signers: signed.signers };
};

const explained = (output: string, repositories: readonly RepositorySource[]): IngotError => {
  const blamed = repositories.find(({ url }) => faults(output).some((line) => line.includes(url.replace(/\/+$/, ''))));
  return located(aptError(output, 'fetch the indexes'), (blamed ?? repositories[0])?.where) as IngotError;
};

const faults = (output: string): string[] => output.split('\n').filter((line) => /^(E|W|Err)\b/.test(line));

const HINTS: Readonly<Record<string, string>> = {
  'origin.bad-signature': 'Check `url`, and that `key` holds the key that signs this repository.',
  'origin.not-on-mirror': '`url` is the folder above dists/; `suite` and `components` name what is below that.',
  'origin.mirror-unreachable': "Check `url`, the network and the proxy (http_proxy, or the host's apt.conf).",
  'origin.mirror-refused':
    "Does the repository ask for a login (machine lines in the host's /etc/apt/auth.conf), or serve some networks alone? `url` is the folder above dists/.",
  'origin.mirror-failed': 'That is a fault on its side: try again later, or another `url`.',
  'origin.not-an-archive':
    'A proxy or a server that gives a page of its own for every address: open `url` with a browser, and check http_proxy.',
  'origin.index-expired':
    "Ask whoever runs the repository, or check this host's clock: the index says until when it is valid.",
};

/** The same error, with the place in the recipe and what can be done there. */
const located = (error: unknown, where: string | undefined): unknown => {
  if (!(error instanceof IngotError)) return error;
  return retold(error, { where, hint: HINTS[error.code] });
};
