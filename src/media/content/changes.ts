/** Files that a recipe puts on a medium or takes from it: that this is possible, and that the medium still boots. */
import { dirname } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import type { Medium } from '../iso/medium.ts';
import type { Needed } from './needed.ts';

/**
 * All that goes when these files and folders are taken away. Throws `media.remove-missing` for what is not there,
 * `media.needed` for what the medium needs.
 */
export const removedPaths = (medium: Medium, needed: Needed, asked: readonly string[]): ReadonlySet<string> => {
  const there = [...medium.files.keys(), ...medium.others.keys()];
  const removed = new Set<string>();
  for (const path of asked) {
    const found = there.filter((other) => other === path || other.startsWith(`${path}/`));
    if (found.length === 0)
      throw new IngotError('media.remove-missing', `there is no ${path} on the medium to be removed`, {
        where: medium.iso,
        hint: 'Paths are compared letter by letter; `ingot media inspect` names what boots.',
      });
    requireNotNeeded(medium, needed, found, 'removed');
    for (const one of found) removed.add(one);
  }
  return removed;
};

/**
 * Throws `media.needed` for a file that would replace one that boots the medium, `media.path-taken` where a
 * folder or a link is in the way.
 */
export const requirePlaces = (medium: Medium, needed: Needed, paths: readonly string[]): void => {
  requireNotNeeded(medium, needed, paths, 'replaced');
  for (const path of paths) {
    const inTheWay = blocking(medium, path);
    if (inTheWay === undefined) continue;
    throw new IngotError('media.path-taken', `${path} cannot be on the medium: ${inTheWay}`, {
      where: medium.iso,
      hint: 'Choose another path, or name what is in the way in `media.remove`.',
    });
  }
};

const blocking = ({ files, others }: Medium, path: string): string | undefined => {
  const own = others.get(path);
  if (own !== undefined) return `${path} is ${own.startsWith('d') ? 'a folder' : 'no file'} there`;
  // `/`, and `.` for what is not a path on a medium, which is reported when it is staged.
  for (let folder = dirname(path); folder.length > 1; folder = dirname(folder)) {
    const kind = files.has(folder) ? '-' : others.get(folder);
    if (kind !== undefined && !kind.startsWith('d')) return `${folder} is not a folder there`;
  }
  return undefined;
};

const requireNotNeeded = ({ iso }: Medium, needed: Needed, paths: readonly string[], what: string): void => {
  const refused = paths.flatMap((path) => {
    const why = needed.get(path.toLowerCase());
    return why === undefined ? [] : [`${path}: ${why}`];
  });
  if (refused.length === 0) return;
  throw new IngotError('media.needed', `the medium would not boot as before: this cannot be ${what}`, {
    where: iso,
    detail: refused.slice(0, 10).join('\n'),
    hint: 'Leave these paths out of `media.remove` and `media.files`.',
  });
};

/** The medium as if these paths had never been on it. */
export const without = (medium: Medium, removed: ReadonlySet<string>): Medium => ({
  ...medium,
  files: new Map([...medium.files].filter(([path]) => !removed.has(path))),
  others: new Map([...medium.others].filter(([path]) => !removed.has(path))),
});
