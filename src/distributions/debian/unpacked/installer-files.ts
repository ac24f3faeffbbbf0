/** What goes into an archive after the packages' own files: dpkg's database, and what the installer needs to go on. */

import { tarHeader, tarPadding } from '../../../formats/archives/tar.ts';
import { listOf, nameInDatabase, statusOf, triggersOf, type UnpackedPackage } from './dpkg-database.ts';
import type { ImageFile } from './image-file.ts';
import type { Placed } from './placement.ts';

/** What the installer needs besides what dpkg keeps: stanzas and trigger lines to append, preinst scripts. */
const FOR_INSTALLER = 'debootstrap/unpacked';

export const writeDatabase = (
  packages: readonly UnpackedPackage[],
  { directories }: Placed,
  image: ImageFile,
  date: number,
): void => {
  const folders = ['var', 'var/lib', 'var/lib/dpkg', 'var/lib/dpkg/info', FOR_INSTALLER, `${FOR_INSTALLER}/triggers`];
  for (const path of folders.filter((folder) => !directories.has(folder))) {
    directories.add(path);
    pushFolder(image, path, date);
  }
  for (const unpacked of packages) {
    const name = `var/lib/dpkg/info/${nameInDatabase(unpacked.control)}`;
    pushFile(image, `${name}.list`, Buffer.from(listOf(unpacked)), { date });
    for (const [kind, { entry, content }] of unpacked.control.files) {
      pushFile(image, `${name}.${kind}`, content, { mode: entry.mode, date: entry.mtime.getTime() / 1000 });
    }
  }
  pushFile(image, `${FOR_INSTALLER}/status`, Buffer.from(packages.map(statusOf).join('')), { date });
  for (const [name, lines] of triggersOf(packages)) {
    pushFile(image, `${FOR_INSTALLER}/triggers/${name}`, Buffer.from(lines), { date });
  }
};

/** The whole control archive of each: preinst scripts look at their neighbours (debconf at `control` and `templates`). */
export const writePreinsts = (packages: readonly UnpackedPackage[], image: ImageFile, date: number): void => {
  pushFolder(image, `${FOR_INSTALLER}/preinst`, date);
  for (const { name, control } of packages) {
    const folder = `${FOR_INSTALLER}/preinst/${name}`;
    pushFolder(image, folder, date);
    pushFile(image, `${folder}/control`, Buffer.from(`${control.text}\n`), { date });
    for (const [kind, { entry, content }] of control.files) {
      pushFile(image, `${folder}/${kind}`, content, { mode: entry.mode, date });
    }
  }
};

const pushFolder = (image: ImageFile, path: string, date: number): void =>
  image.push(
    tarHeader({ path, type: 'Directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: new Date(date * 1000) }),
  );

const pushFile = (
  image: ImageFile,
  path: string,
  content: Uint8Array,
  { mode = 0o644, date }: { readonly mode?: number; readonly date: number },
): void => {
  const size = content.length;
  image.push(tarHeader({ path, type: 'File', mode, uid: 0, gid: 0, size, mtime: new Date(date * 1000) }));
  image.push(content);
  image.push(tarPadding(size));
};
