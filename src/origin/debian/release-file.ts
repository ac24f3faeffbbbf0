/** A suite's Release file: when it was made, and the digests of its indexes (repository format, Debian wiki). */
import { IngotError } from '../../errors.ts';
import type { Identity } from '../blobs.ts';
import { parseStanza } from './control.ts';

export interface ReleaseFile {
  readonly codename: string | undefined;
  readonly suite: string | undefined;
  readonly date: Date;
  /** By path below the suite's folder: `main/binary-amd64/Packages.xz`. */
  readonly files: ReadonlyMap<string, Identity>;
}

/** Throws `origin.release-invalid` when there is no date or no SHA256 section; weaker sums are not read. */
export const parseReleaseFile = (text: string, where: string): ReleaseFile => {
  const fields = parseStanza(text);
  const date = new Date(fields.get('date') ?? '');
  const files = new Map<string, Identity>();
  for (const line of (fields.get('sha256') ?? '').split('\n')) {
    const match = /^\s*([0-9a-f]{64})\s+(\d+)\s+(\S+)$/.exec(line);
    if (match?.[1] && match[2] && match[3]) files.set(match[3], { sha256: match[1], size: Number(match[2]) });
  }
  if (files.size === 0 || Number.isNaN(date.getTime())) {
    throw new IngotError('origin.release-invalid', 'the Release file has no date or no SHA-256 sums', { where });
  }
  return { codename: fields.get('codename'), suite: fields.get('suite'), date, files };
};
