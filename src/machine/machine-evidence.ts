/** What a machine run leaves for whoever has to understand it: the console as text and picture, and the screen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import type { Console } from './console.ts';
import { drawConsole } from './console-picture.ts';
import type { Qmp } from './qmp.ts';
import { vgaText } from './vga-text.ts';

export const SERIAL_LOG = 'serial.log';
export const INSTALLER_LOG = 'installer.log';
export const CONSOLE_TEXT = 'console.txt';
export const CONSOLE_PICTURE = 'console.png';
export const SCREEN_PICTURE = 'screen.png';
/** The folder of the strip of pictures. */
export const PICTURES = 'pictures';

/**
 * The serial console as the emulator shows it. Where `redact` finds a secret on it there is no picture, and it is
 * taken out of the logs as well.
 */
export const saveConsole = async (
  console: Console,
  folder: string,
  redact: (text: string) => string = (text) => text,
): Promise<void> => {
  const text = await console.text();
  const shown = redact(text);
  await writeFileWhole(join(folder, CONSOLE_TEXT), shown);
  if (shown === text) await writeFileWhole(join(folder, CONSOLE_PICTURE), await drawConsole(await console.buffer()));
  for (const name of LOGS) await cleanFile(join(folder, name), redact);
};

/** A secret of several lines is found only in the whole text. */
const LOGS = [SERIAL_LOG, INSTALLER_LOG];

const cleanFile = async (path: string, redact: (text: string) => string): Promise<void> => {
  // One that cannot be read may have secrets in it, so that is reported.
  const found = await ifThere(readFile(path, 'latin1'));
  if (found === undefined) return;
  const text = Buffer.from(found, 'latin1').toString('utf8');
  const shown = redact(text);
  if (shown !== text) await writeFileWhole(path, shown);
};

export interface ScreenOptions {
  readonly folder: string;
  readonly redact?: ((text: string) => string) | undefined;
  /** Whether the guest has said a secret elsewhere: its kernel writes to all consoles. */
  readonly isTelling: () => boolean;
}

/**
 * The VGA screen, by QEMU itself; only while the machine lives. None of a guest that has shown a secret: a picture cannot
 * be searched, and a screen in text mode is read first.
 */
export const saveScreen = async (
  qmp: Qmp,
  { folder, redact = (text) => text, isTelling }: ScreenOptions,
): Promise<void> => {
  const text = await vgaText(qmp);
  if (isTelling() || redact(text) !== text) return;
  await qmp.execute('screendump', { filename: join(folder, SCREEN_PICTURE), format: 'png' }, { timeout: 5000 });
};
