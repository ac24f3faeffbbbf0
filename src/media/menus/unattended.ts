/** What an unattended entry is, for every boot loader alike. */
import { IngotError } from '../../errors.ts';
import type { KernelArguments } from './arguments.ts';

/** `now`: at once, without a key. `countdown`: after 30 s. `ask`: never by itself. */
export type MenuStart = 'now' | 'countdown' | 'ask';

export const COUNTDOWN_SECONDS = 30;
export const SERIAL_SPEED = 115_200;

/** Menu files by their path on the medium. */
export type MenuFiles = ReadonlyMap<string, string>;

export interface Unattended {
  readonly start: MenuStart;
  readonly title: string;
  readonly arguments: KernelArguments;
  /** Paths on the medium of the initrds that follow the installer's own. */
  readonly initrds: readonly string[];
  /** Whether the boot loader itself speaks on the first serial port. */
  readonly serial: boolean;
}

/**
 * The title as it is shown: whoever reads it must know what the entry does to the disk. Throws `media.menu-title`
 * for characters that boot loaders cannot show or that mean something to them.
 */
export const titleOf = (title: string): string => {
  if (!/^[A-Za-z0-9 ._,:()+/@!-]{1,60}$/.test(title)) {
    throw new IngotError('media.menu-title', `"${title}" cannot be the title of a boot menu entry`, {
      hint: 'At most 60 letters, digits, blanks and . _ , : ( ) + / @ ! -',
    });
  }
  return /erases/i.test(title) ? title : `${title} (ERASES THE DISK)`;
};
