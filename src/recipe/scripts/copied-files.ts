/** Files that a step copies: which of them are there, and which are read line by line where they go. */
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A tree with more is data. */
const MOST_FILES = 5000;

/** The files of a folder by their paths in it; undefined where it is no folder. */
export const filesBelow = async (folder: string): Promise<readonly string[] | undefined> => {
  const info = await stat(folder).catch(() => undefined);
  if (info?.isDirectory() !== true) return undefined;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .slice(0, MOST_FILES)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
};

/** Enough to see whether it is a script; nothing of what cannot be read. */
export const beginningOf = async (path: string): Promise<Uint8Array> => {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return new Uint8Array();
  }
};

/**
 * Whether a program reads the file line by line there, and takes a carriage return for a part of the line: cron(8), sudoers(5),
 * shells, fstab(5), pam_env(8), modprobe.d(5), nft(8). systemd and sshd leave it out.
 */
export const isReadByLine = (to: string): boolean =>
  /^\/etc\/(cron\.[a-z]+\/.|crontab$|sudoers$|sudoers\.d\/.|profile$|profile\.d\/.|bash\.bashrc$|default\/.|fstab$|environment$|modprobe\.d\/.|nftables\.conf$|nftables(\.d)?\/.)/.test(
    to,
  ) || /^\/(root|home\/[^/]+|etc\/skel)\/\.(profile|bashrc|bash_profile|bash_aliases)$/.test(to);
