/** What GRUB sees while it looks for its menu: the medium, the EFI image that it was started from, its disk in memory. */
import { normalize } from 'node:path/posix';

/** A file system, by a name that stands for it in `(…)`. */
export interface GrubDevice {
  readonly name: string;
  readonly paths: readonly string[];
  /** FAT: upper and lower case are the same. */
  readonly ignoresCase: boolean;
  /** Texts of what can be a configuration. */
  readonly texts: ReadonlyMap<string, string>;
  /** What firmware may call it, for a core that names a device: `cd0`, `hd0`, `hd0,gpt2`. */
  readonly aliases: RegExp;
  /** What `search` knows it by. */
  readonly label?: string | undefined;
  readonly uuid?: string | undefined;
}

export interface GrubPlace {
  readonly device: GrubDevice;
  readonly path: string;
}

/** The file or folder, as it is really called. */
export const lookUp = (device: GrubDevice, path: string): string | undefined => {
  const wanted = normalize(`/${path}`).replace(/(.)\/$/, '$1');
  if (wanted === '/') return '/';
  const same = device.ignoresCase
    ? (other: string) => other.toLowerCase() === wanted.toLowerCase()
    : (other: string) => other === wanted;
  const within = (other: string) => {
    const begin = other.slice(0, wanted.length + 1);
    return device.ignoresCase ? begin.toLowerCase() === `${wanted.toLowerCase()}/` : begin === `${wanted}/`;
  };
  return device.paths.find(same) ?? (device.paths.some(within) ? wanted : undefined);
};

/** `(device)/path`, or a path on `root`; undefined for a device that is not there. */
export const grubPlaceOf = (
  devices: readonly GrubDevice[],
  written: string,
  root: string | undefined,
): GrubPlace | undefined => {
  const [, named, rest = ''] = /^(?:\(([^)]*)\))?(.*)$/s.exec(written) ?? [];
  const wanted = named ?? root ?? '';
  const device = devices.find(({ name, aliases }) => name === wanted || aliases.test(wanted));
  return device === undefined || !rest.startsWith('/') ? undefined : { device, path: normalize(rest) };
};
