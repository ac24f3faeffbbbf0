/** What an unattended entry is, for every boot loader alike. */
import { IngotError, OUR_FAULT } from '../../errors.ts';
import type { KernelArguments } from './menu-arguments.ts';

/** `now`: at once, without a key. `countdown`: after 30 s. `ask`: never by itself. */
export type MenuStart = 'now' | 'countdown' | 'ask';

export const COUNTDOWN_SECONDS = 30;
export const SERIAL_SPEED = 115_200;

/** Menu files by their path on the medium. */
export type MenuFiles = ReadonlyMap<string, string>;

/** Where a menu of ISOLINUX begins, and the folder from which it counts. */
export interface SyslinuxRoot {
  readonly main: string;
  readonly folder: string;
  /** It is shown by a program that another file has started: `UI vesamenu.c32 FILE`. */
  readonly isShown?: true;
}

export interface Unattended {
  readonly start: MenuStart;
  readonly title: string;
  readonly arguments: KernelArguments;
  /** Paths on the medium of the initrds that follow the installer's own. */
  readonly initrds: readonly string[];
  /** Whether the boot loader itself uses the first serial port. */
  readonly serial: boolean;
}

const LONGEST_TITLE = 60;

/**
 * The title as it is shown: whoever reads it must know what the entry does to the disk. What a menu cannot show, or
 * what means something to it (`^` marks a key), becomes `?`. Throws `media.menu-title` for an empty one.
 */
export const titleOf = (title: string): string => {
  const shown = title
    .replaceAll(/[^\x20-\x7e]|\^/gu, '?')
    .trim()
    .slice(0, LONGEST_TITLE);
  if (shown === '') throw new IngotError('media.menu-title', 'a boot menu entry needs a title', { hint: OUR_FAULT });
  return /erases/i.test(shown) ? shown : `${shown} (ERASES THE DISK)`;
};
