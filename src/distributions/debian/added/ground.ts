/** What added packages come on top of: a medium that has packages of its own, or a system that is installed already. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestFiles } from '../../../capture/guest-files.ts';
import { buildPackageIndex } from '../archive/package-index.ts';
import { buildGraph } from '../archive/relations.ts';
import { parseDpkgStatus } from '../system/dpkg-packages.ts';
import { baseStatus, installed, mediumPackages } from './medium-packages.ts';

export interface KnownVersion {
  readonly name: string;
  readonly version: string;
  /** Of the .deb, where that is known. */
  readonly sha256?: string;
}

export interface Ground {
  /** For messages: `the medium has libc6 2.36 too`. */
  readonly title: 'the medium' | 'the image';
  /** Stanzas of an index: packages that apt can take from there. */
  readonly index: string;
  /** dpkg's status file: packages that need not be added. */
  readonly status: string;
  /** A medium only says what it will install; apt may then have to begin with nothing. */
  readonly isInstalled: boolean;
  /** All versions of a package that are there. */
  find(name: string): readonly KnownVersion[];
}

/** `work`: a folder for what is unpacked. */
export const mediumGround = async (iso: string, work: string, signal?: AbortSignal): Promise<Ground> => {
  const index = await mediumPackages(iso, work, signal);
  const path = join(work, 'medium-index');
  await writeFile(path, index);
  const packages = buildPackageIndex([{ suite: '', path }]);
  return { title: 'the medium', index, status: baseStatus(packages), isInstalled: false, find: packages.find };
};

export const imageGround = async (files: Pick<GuestFiles, 'text'>): Promise<Ground> =>
  groundOf((await files.text('/var/lib/dpkg/status')) ?? '');

/** A repository of packages as it is written: the path of its index, and the words that apt is told to install. */
export interface WrittenAddition {
  readonly index: string | undefined;
  readonly install: readonly string[];
}

/** The image as it will be when these are installed in it, with what they depend on. */
export const groundWith = (image: Ground, { index, install }: WrittenAddition): Ground => {
  const all = index === undefined ? [] : [...buildPackageIndex([{ suite: '', path: index }]).all('')];
  const wanted = buildGraph(all).closure(install.map((word) => word.replace(/[=/].*$/, '')));
  const added = all.filter(({ name }) => wanted.has(name));
  const names = new Set(added.map(({ name }) => name));
  const kept = image.status.split(/\n{2,}/).filter((text) => !names.has(/^Package: (.*)$/m.exec(text)?.[1] ?? ''));
  return groundOf([...kept.map((text) => text.trim()), ...added.map(({ text }) => installed(text))].join('\n\n'));
};

const groundOf = (status: string): Ground => {
  const byName = Map.groupBy(parseDpkgStatus(status), ({ name }) => name);
  const find = (name: string) => byName.get(name) ?? [];
  return { title: 'the image', index: '', status, isInstalled: true, find };
};
