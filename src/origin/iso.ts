/** An install ISO from a path or a URL, taken only when it is what its digest says. */
import { IngotError } from '../errors.ts';
import type { FileRef } from '../host/files.ts';
import { readVolume } from '../media/iso/iso9660.ts';
import { type Digests, type ObtainOptions, type OriginFile, obtainFile } from './proven-file.ts';

const ISO: OriginFile = {
  title: 'ISO',
  field: 'origin.iso',
  missing: (where) =>
    new IngotError('origin.iso-missing', 'there is no such ISO', {
      where,
      hint: 'origin.iso is a path beside the recipe, or an https URL.',
    }),
  extension: 'iso',
  look: readVolume,
};

/** The ISO as a checked file. Errors: `media.not-an-iso`, `media.truncated`, and those of `obtainFile`. */
export const fetchIso = (
  { iso, ...digests }: Digests & { readonly iso: string },
  options: ObtainOptions,
): Promise<FileRef> => obtainFile(ISO, iso, digests, options);
