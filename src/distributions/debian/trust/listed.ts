/**
 * What indexes say of packages: those that a key of the archive signed, and those of a medium that was proved. Priority and section of a
 * package are the archive's to say: they may be others than in the package itself, and dpkg takes over those of the index.
 */
import type { GuestFiles } from '../../../capture/guest-files.ts';
import { parseStanzas, type Stanza } from '../../../formats/packages/deb822.ts';
import type { SignedIndex } from './signed-index.ts';
import type { FindVouched } from './vouched.ts';

export interface Listed {
  /** Of the .deb. */
  readonly sha256: string;
  readonly fields: Stanza;
}

/** All stanzas for the name, version and architecture of `stanza`. */
export type FindListed = (stanza: Stanza) => readonly Listed[];

export const findListed =
  (index: Pick<SignedIndex, 'find'>, vouched: FindVouched): FindListed =>
  (stanza) => {
    const [name = '', version = '', architecture = ''] = ['package', 'version', 'architecture'].map((field) =>
      stanza.get(field),
    );
    const onMedia = vouched({ name, version, architecture });
    return [
      ...index.find(name, version, architecture),
      ...onMedia.flatMap(({ sha256, fields }) => (fields === undefined ? [] : [{ sha256, fields }])),
    ];
  };

export const AVAILABLE = '/var/lib/dpkg/available';

/** What an installer told dpkg that there is: all the same as in the index that it was read from. */
export const availableStanzas = async (files: Pick<GuestFiles, 'text'>): Promise<Stanza[]> =>
  parseStanzas((await files.text(AVAILABLE)) ?? '');

export const availableNames = async (files: GuestFiles): Promise<string[]> =>
  (await availableStanzas(files)).flatMap((stanza) => stanza.get('package') ?? []);

/** A field on one line: programs wrap them differently. */
export const plain = (value: string | undefined): string => (value ?? '').split(/\s+/).join(' ').trim();
