/** Where an installation tree lies: in a folder, on an install ISO, or on a web server. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { IngotError, messageOf } from '../../../errors.ts';
import { bytesOf, type Pieces } from '../../../formats/byte-source.ts';
import { ifThere } from '../../../host/if-there.ts';
import { mediumFilePieces, readMedium } from '../../../media/iso/medium.ts';

export interface TreePlace {
  /** As the user named it. */
  readonly name: string;
  /** A file by its path below the tree, which may begin with `../`; undefined when it is not there. */
  readonly read: (path: string) => Promise<Pieces | undefined>;
  /** Folders that may have a repository, with the reason why they are looked at. */
  readonly folders: () => Promise<readonly string[]>;
}

/** Throws `usage.tree` when nothing of the kind is there, and what a damaged medium throws. */
export const openTree = async (name: string): Promise<TreePlace> => {
  if (/^https?:\/\//i.test(name)) return webPlace(name);
  const found = await ifThere(stat(name));
  if (found?.isDirectory()) return folderPlace(name);
  if (found?.isFile()) return isoPlace(name);
  throw new IngotError('usage.tree', 'there is no such folder, ISO or address of an installation tree', {
    where: name,
    hint: 'Give a folder with repodata, an install ISO, or https://…/BaseOS/x86_64/os.',
  });
};

export const textOf = async (place: TreePlace, path: string): Promise<string | undefined> => {
  const content = await place.read(path);
  return content === undefined ? undefined : (await bytesOf(content)).toString('utf8');
};

const folderPlace = (name: string): TreePlace => ({
  name,
  async read(path) {
    const file = join(name, path);
    return (await ifThere(stat(file)))?.isFile() ? createReadStream(file) : undefined;
  },
  async folders() {
    const below = await readdir(name, { withFileTypes: true });
    return ['', ...below.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))];
  },
});

const isoPlace = async (name: string): Promise<TreePlace> => {
  const medium = await readMedium(name);
  const at = (path: string) => posix.join('/', path);
  return {
    name,
    read: async (path) => (medium.files.has(at(path)) ? mediumFilePieces(medium, at(path)) : undefined),
    folders: async () =>
      [...medium.files.keys()].flatMap((path) =>
        path.endsWith('/repodata/repomd.xml') ? [path.slice(1, -'repodata/repomd.xml'.length)] : [],
      ),
  };
};

const PATIENCE = 60_000;

const webPlace = (name: string): TreePlace => {
  const base = name.endsWith('/') ? name : `${name}/`;
  return {
    name,
    async read(path) {
      const url = new URL(path, base);
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
        if (response.ok && response.body) return Readable.fromWeb(response.body);
        await response.body?.cancel();
        if (response.status === 404 || response.status === 403) return undefined;
        throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
      } catch (error) {
        const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
        throw new IngotError('usage.tree', `the tree cannot be read: ${messageOf(error)}${cause}`, {
          where: url.href,
          hint: 'Is the address right, and is the server reached from here?',
          cause: error,
        });
      }
    },
    // A server lists no folders: these are the names that the RHEL family's trees have.
    folders: async () => ['', 'BaseOS/', 'AppStream/', 'Minimal/', 'os/'],
  };
};
