/** `.disk/`: by it the installer recognizes its medium, and installs the base system from it (installer/README.md). */
import { type Lock, lockDate, lockDigest } from '../archive/package-lock.ts';
import type { TextFile } from './medium-index.ts';

export const diskInfo = (lock: Lock): TextFile[] => {
  const day = new Date(lockDate(lock) * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  const { number, codename, arch } = lock.release;
  return [
    { path: '.disk/info', text: `Debian GNU/Linux ${number} "${codename}" - Ingot ${arch} ${day}\n` },
    { path: '.disk/base_installable', text: '' },
    { path: '.disk/base_components', text: 'main\n' },
    { path: '.disk/cd_type', text: 'not_complete\n' },
    { path: '.disk/udeb_include', text: '' },
    { path: '.disk/ingot-lock', text: `${lockDigest(lock)}\n` },
    { path: '.disk/ingot-base', text: baseList(lock) },
  ];
};

/** One installed package a line, by stage: STAGE PACKAGE VERSION ARCH MARK PATH SIZE SHA256. */
const baseList = (lock: Lock): string =>
  lock.debs
    .flatMap((deb) => (deb.install === undefined ? [] : [{ ...deb, ...deb.install }]))
    .sort((a, b) => a.stage - b.stage)
    .map(({ stage, name, version, arch, mark, filename, size, sha256 }) =>
      [stage, name, version, arch, mark, filename, size, sha256].join(' '),
    )
    .map((line) => `${line}\n`)
    .join('');
