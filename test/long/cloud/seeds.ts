/** What a cloud tells a machine, and where it lies: on a CD, on a FAT disk, on the web. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../../src/host/run.ts';

/** Paths and contents. */
export type Files = Readonly<Record<string, string>>;

export type Seed =
  | { readonly on: 'cd' | 'fat'; readonly label: string; readonly files: Files }
  /** At an address of the first card's network. */
  | { readonly on: 'web'; readonly at: string; readonly files: Files }
  | { readonly on: 'nothing' };

/** What the firmware says of the machine (SMBIOS type 1). */
export interface Firmware {
  readonly product?: string;
  readonly serial?: string;
  readonly uuid?: string;
}

export interface WrittenSeed {
  readonly cdrom?: string;
  readonly disk?: string;
  readonly web?: { readonly at: string; readonly folder: string };
}

const writeFiles = async (folder: string, files: Files): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
};

export const writeSeed = async (seed: Seed, path: string): Promise<WrittenSeed> => {
  if (seed.on === 'nothing') return {};
  await writeFiles(path, seed.files);
  switch (seed.on) {
    case 'web':
      return { web: { at: seed.at, folder: path } };
    case 'cd': {
      const iso = `${path}.iso`;
      await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', seed.label, '-r', '-J', '-o', iso, path]);
      return { cdrom: iso };
    }
    case 'fat': {
      const disk = `${path}.img`;
      await rm(disk, { force: true });
      await run('mformat', ['-C', '-i', disk, '-v', seed.label, '-T', '4096', '-h', '16', '-s', '32', '::']);
      await run('mcopy', ['-i', disk, '-s', ...Object.keys(seed.files).map((name) => join(path, name)), '::']);
      return { disk };
    }
  }
};
