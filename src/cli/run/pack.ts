/** A run folder as an archive that may be given away: without secrets (clean.ts), and without pictures of machines that have shown one. */
import { copyFile, rm, stat, writeFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { throwIfInterrupted } from '../../errors.ts';
import { publish, temporaryFolder, temporaryName } from '../../host/files.ts';
import { makeFolders } from '../../host/folders.ts';
import { ingotVersion } from '../../host/project.ts';
import { run as command } from '../../host/run.ts';
import { toolVersion } from '../../host/tools.ts';
import { type Run, SECRETS_FILE } from '../../pipeline/runs.ts';
import { storyPage } from '../../ui/story/story-page.ts';
import { type CleanCopy, cleaner, copyClean, type RunSecrets, secretsOfRun } from './clean.ts';
import {
  evidenceIn,
  insideOf,
  isUnfinished,
  logsOf,
  picturesOf,
  readRunStory,
  runFilesBelow,
  testsOf,
} from './folder.ts';

export interface Packed {
  readonly path: string;
  readonly size: number;
  readonly files: number;
  /** Files from which something was taken out. */
  readonly changed: readonly string[];
  /** Pictures of machines that have told a secret. */
  readonly leftOut: readonly string[];
  /** Secrets of the recipe that cannot be read any more, so that nothing could be taken out again. */
  readonly missing: readonly string[];
}

interface PackOptions {
  /** Whether what failed stages had made goes in. */
  readonly disk: boolean;
  readonly signal: AbortSignal;
}

export const packRun = async (run: Run, output: string, { disk, signal }: PackOptions): Promise<Packed> => {
  await using work = await temporaryFolder('.evidence-', dirname(output));
  const tree = join(work.path, run.name);
  const secrets = await secretsOfRun(run.folder);
  const all = (await runFilesBelow(run.folder)).filter(
    (path) => path !== SECRETS_FILE && (disk || !isUnfinished(path)),
  );
  const changed: string[] = [];
  const telling = new Set<string>();
  for (const path of all.filter((one) => !isPicture(one))) {
    throwIfInterrupted(signal);
    const result = await copyWithout(join(run.folder, path), join(tree, path), { secrets, isDisk: isUnfinished(path) });
    if (result.changed) changed.push(path);
    if (result.hadSecret) telling.add(machineOf(path));
  }
  const pictures = all.filter(isPicture);
  const shown = pictures.filter((path) => !telling.has(machineOf(path)));
  for (const path of shown) await copyFile(join(run.folder, path), await placeFor(join(tree, path)));
  await makeFolders(tree);
  await writeFile(join(tree, 'host.json'), `${JSON.stringify(await hostFacts(), null, 2)}\n`);
  // Made from the files as they are in the archive.
  const page = await pageOf({ ...run, folder: tree }, run.folder);
  if (page !== undefined) await writeFile(join(tree, 'run.html'), cleaner(secrets)(page).text);
  const temporary = temporaryName(output);
  try {
    await writeFile(temporary, '', { mode: 0o600 });
    await command('tar', ['--create', '--gzip', '--sparse', '--file', temporary, '--directory', work.path, run.name], {
      signal,
    });
    await publish(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
  const leftOut = pictures.filter((path) => !shown.includes(path));
  const files = all.length - leftOut.length;
  return { path: output, size: (await stat(output)).size, files, changed, leftOut, missing: secrets.missing };
};

const isPicture = (path: string): boolean => path.endsWith('.png') && !isUnfinished(path);

/** The folder of the machine that a file is of: a stage's. */
const machineOf = (path: string): string => path.split('/')[0] ?? '';

/** A build that was killed early has no story, and neither has one whose events cannot be read. */
const pageOf = async (run: Run, runFolder: string): Promise<string | undefined> => {
  const story = await readRunStory(run).catch(() => undefined);
  if (!story) return undefined;
  const [files, pictures, logs] = [await evidenceIn(run), await picturesOf(run), await logsOf(run)];
  return storyPage(
    { ...story, runFolder },
    { files, pictures, logs, ...(await testsOf(run)), inside: await insideOf(run) },
  );
};

const hostFacts = async () => ({
  ingot: ingotVersion(),
  node: process.version,
  kernel: release(),
  arch: arch(),
  processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory: totalmem(),
  'qemu-system-x86_64': await toolVersion('qemu-system-x86_64').catch(() => 'missing'),
  xorriso: await toolVersion('xorriso').catch(() => 'missing'),
});

/** What a failed stage had made is disks and media, which no text search can clean: they go as they are. */
const NO_TEXT = /\.(?:qcow2|raw|iso|img|gz|fd)$/;

const copyWithout = async (
  from: string,
  to: string,
  { secrets, isDisk }: { readonly secrets: RunSecrets; readonly isDisk: boolean },
): Promise<CleanCopy> => {
  await placeFor(to);
  if (!isDisk && !NO_TEXT.test(from)) return copyClean(from, to, secrets);
  await copyFile(from, to);
  return { changed: false, hadSecret: false };
};

const placeFor = async (path: string): Promise<string> => {
  await makeFolders(dirname(path));
  return path;
};
