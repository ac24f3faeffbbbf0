/** A suite's Release file: when it was made, and the digests of its indexes (repository format, Debian wiki). */
import { IngotError } from '../../../errors.ts';
import { parseStanza, renderStanza } from '../../../formats/packages/deb822.ts';
import { sha256 } from '../../../host/files.ts';
import type { BlobIdentity } from '../../../origin/blobs.ts';

export interface ReleaseFile {
  readonly codename: string | undefined;
  readonly suite: string | undefined;
  readonly date: Date;
  /** Until when it holds, where it says so. */
  readonly validUntil: Date | undefined;
  /** By path below the suite's folder: `main/binary-amd64/Packages.xz`. */
  readonly files: ReadonlyMap<string, BlobIdentity>;
}

export const INCOMPLETE =
  'Whoever runs the repository has to make its index again (apt-ftparchive, reprepro and aptly write SHA-256 sums).';

/** Throws `origin.release-invalid` when there is no date or no SHA256 section; weaker sums are not read. */
export const parseReleaseFile = (text: string, where: string): ReleaseFile => {
  const fields = parseStanza(text);
  const date = new Date(fields.get('date') ?? '');
  const files = new Map<string, BlobIdentity>();
  for (const line of (fields.get('sha256') ?? '').split('\n')) {
    const match = /^\s*([0-9a-f]{64})\s+(\d+)\s+(\S+)$/.exec(line);
    if (match?.[1] && match[2] && match[3]) files.set(match[3], { sha256: match[1], size: Number(match[2]) });
  }
  if (files.size === 0 || Number.isNaN(date.getTime())) {
    throw new IngotError('origin.release-invalid', 'the Release file has no date or no SHA-256 sums', {
      where,
      hint: INCOMPLETE,
    });
  }
  const until = new Date(fields.get('valid-until') ?? '');
  const validUntil = Number.isNaN(until.getTime()) ? undefined : until;
  return { codename: fields.get('codename'), suite: fields.get('suite'), date, validUntil, files };
};

/** An expired index is taken where this host's apt.conf says so, and that is reported. */
export const expiryNote = (name: string, { validUntil }: ReleaseFile, now = Date.now()): string | undefined =>
  validUntil === undefined || validUntil.getTime() >= now
    ? undefined
    : `the index of ${name} expired on ${validUntil.toISOString().slice(0, 10)}, but this host's apt accepts it (Acquire::Check-Valid-Until): you may not get newer packages`;

interface ReleaseFields {
  readonly suite: string;
  readonly label: string;
  readonly version?: string;
  /** Seconds since 1970. */
  readonly date: number;
  readonly arch: string;
  readonly component?: string;
  readonly description?: string;
}

/** A Release file of ours, over these files: path and content. */
export const releaseText = (
  files: readonly (readonly [string, string])[],
  { suite, label, version, date, arch, component, description }: ReleaseFields,
): string =>
  renderStanza({
    Origin: 'Ingot',
    Label: label,
    Suite: suite,
    Codename: suite,
    Version: version,
    // As in Release files: `Sat, 11 Jul 2026 10:16:37 UTC`.
    Date: new Date(date * 1000).toUTCString().replace('GMT', 'UTC'),
    Architectures: arch,
    Components: component,
    Description: description,
    SHA256: ['', ...files.map(([path, text]) => `${sha256(text)} ${Buffer.byteLength(text)} ${path}`)].join('\n'),
  });
