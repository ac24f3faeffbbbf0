/** A small ISO with nothing but answers, which an installer finds by its label, next to the vendor's own, untouched medium. */
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef, publish, temporaryFolder, temporaryName } from '../../host/files.ts';
import { makeFolders } from '../../host/folders.ts';
import { writeIso } from '../iso/write-iso.ts';
import { requireXorriso } from '../iso/xorriso.ts';
import { answersVolumeArgs } from '../iso/xorriso-args.ts';
import { type VolumeFile, type VolumeKind, volumeKind } from './kinds.ts';

export interface AnswersVolume {
  readonly kind: VolumeKind;
  readonly file: FileRef;
  /** In the order of their names. */
  readonly names: readonly string[];
}

export interface AnswersVolumeOptions {
  readonly files: readonly VolumeFile[];
  /** Where the files come from, for messages. */
  readonly where: string;
  readonly output: string;
  readonly signal?: AbortSignal | undefined;
}

/** 1980-01-01: the earliest date that every file system has. Same files, same bytes, on whatever day. */
const EPOCH = 315_532_800;

/** Throws what `volumeKind` and `writeIso` throw; the file appears whole or not at all, readable by its owner. */
export const writeAnswersVolume = async (options: AnswersVolumeOptions): Promise<AnswersVolume> => {
  const { where, signal } = options;
  const kind = volumeKind(options.files, where);
  const there = new Set(options.files.map(({ name }) => name));
  const added = kind.beside.filter((name) => !there.has(name)).map((name) => ({ name, content: '' }));
  const files = [...options.files, ...added].sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const { name } of files) requireName(name, where);
  await requireXorriso();

  const output = resolve(options.output);
  await makeFolders(dirname(output));
  await using work = await temporaryFolder('.answers-', dirname(output));
  for (const { name, content } of files) await writeFile(join(work.path, name), content, { mode: 0o600 });
  const temporary = temporaryName(output);
  try {
    // xorriso keeps the mode of a file that exists, so nobody else can read password hashes.
    await writeFile(temporary, '', { mode: 0o600 });
    const args = answersVolumeArgs({ output: temporary, label: kind.label, epoch: EPOCH, folder: work.path });
    await writeIso(args, { output: temporary, epoch: EPOCH, signal });
    await publish(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
  return { kind, file: await fileRef(output, signal), names: files.map(({ name }) => name) };
};

const requireName = (name: string, where: string): void => {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(name)) return;
  throw new IngotError('media.volume-answers', `${name} is not a name for a file of answers`, {
    where,
    hint: 'Use letters, digits, dots and dashes: they are read the same everywhere.',
  });
};
