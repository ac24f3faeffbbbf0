/**
 * A run folder as an archive that may be given away. The recipe's secrets are not in it to begin with; what looks like
 * a password hash or a private key is taken out as well, wherever it came from.
 */

import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { throwIfInterrupted } from '../../errors.ts';
import { publish, temporaryFolder, temporaryName } from '../../host/files.ts';
import { ingotVersion } from '../../host/project.ts';
import { run as command } from '../../host/run.ts';
import { toolVersion } from '../../host/tools.ts';
import type { Run } from '../../pipeline/runs.ts';
import { storyPage } from '../../ui/story/page.ts';
import { evidenceOf, filesBelow, isUnfinished, logsOf, picturesOf, readRunStory } from './folder.ts';

export interface Packed {
  readonly path: string;
  readonly size: number;
  readonly files: number;
  /** Files out of which something was taken. */
  readonly changed: readonly string[];
}

interface PackOptions {
  /** Whether what failed stages had made goes in. */
  readonly disk: boolean;
  readonly signal: AbortSignal;
}

export const packRun = async (run: Run, output: string, { disk, signal }: PackOptions): Promise<Packed> => {
  await using work = await temporaryFolder('.evidence-', dirname(output));
  const tree = join(work.path, run.name);
  const paths = (await filesBelow(run.folder)).filter((path) => disk || !isUnfinished(path));
  const changed: string[] = [];
  for (const path of paths) {
    throwIfInterrupted(signal);
    if (await copyWithout(join(run.folder, path), join(tree, path))) changed.push(path);
  }
  const page = await pageOf(run);
  await mkdir(tree, { recursive: true });
  await writeFile(join(tree, 'host.json'), `${JSON.stringify(await hostFacts(), null, 2)}\n`);
  if (page !== undefined) await writeFile(join(tree, 'run.html'), withoutCredentials(page));
  const temporary = temporaryName(output);
  try {
    await command('tar', ['--create', '--gzip', '--sparse', '--file', temporary, '--directory', work.path, run.name], {
      signal,
    });
    await publish(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
  return { path: output, size: (await stat(output)).size, files: paths.length, changed };
};

/** A build that was killed early has no story. */
const pageOf = async (run: Run): Promise<string | undefined> => {
  const story = await readRunStory(run).catch(() => undefined);
  if (!story) return undefined;
  const [files, pictures, logs] = [await evidenceOf(run), await picturesOf(run), await logsOf(run)];
  return storyPage(story, { files, pictures, logs });
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

/** Larger files are disks and media, which no text search can clean. */
const LARGEST_TEXT = 64 * 2 ** 20;

/** Returns whether the copy differs. */
const copyWithout = async (from: string, to: string): Promise<boolean> => {
  await mkdir(dirname(to), { recursive: true });
  const isText = (await stat(from)).size <= LARGEST_TEXT && !/\.(?:png|qcow2|raw|iso|img|gz|fd)$/.test(from);
  if (!isText) {
    await copyFile(from, to);
    return false;
  }
  // Latin-1 keeps every byte as it is.
  const text = await readFile(from, 'latin1');
  const clean = withoutCredentials(text);
  await writeFile(to, clean, 'latin1');
  return clean !== text;
};

/** crypt(5) hashes, and private keys in PEM and OpenSSH's form. */
export const withoutCredentials = (text: string): string =>
  text
    .replaceAll(/\$(?:y|gy|7|2[abxy]|5|6|1|sha1|md5)\$[./A-Za-z0-9$,=]{8,}/g, '(password hash)')
    .replaceAll(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$(?![\s\S]))/g,
      '(private key)',
    );
