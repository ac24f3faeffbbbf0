/** What a machine run leaves for whoever has to understand it: the console as text and picture, and the screen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../host/files.ts';
import type { Console } from './console.ts';
import { drawConsole } from './console-picture.ts';
import type { Qmp } from './qmp.ts';

export const CONSOLE_TEXT = 'console.txt';
export const CONSOLE_PICTURE = 'console.png';
export const SCREEN_PICTURE = 'screen.png';
/** The folder of the strip of pictures. */
export const PICTURES = 'pictures';

/**
 * The serial console as the emulator shows it. Where `redact` finds a secret on it there is no picture, and it is
 * taken out of QEMU's logs as well.
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

/** QEMU writes them itself. */
const LOGS = ['serial.log', 'installer.log'];

/** What an installer answered when it was asked for evidence has files of its own (watch/installer-evidence.ts). */
const ANSWERS = /^ingot-evidence .*\n/gm;

const cleanFile = async (path: string, redact: (text: string) => string): Promise<void> => {
  const found = await readFile(path, 'latin1').catch(() => undefined);
  if (found === undefined) return;
  const text = Buffer.from(found, 'latin1').toString('utf8');
  const shown = redact(text.replaceAll(ANSWERS, ''));
  if (shown !== text) await writeFileWhole(path, shown);
};

/** The VGA screen, by QEMU itself; only while the machine lives. */
export const saveScreen = async (qmp: Qmp, folder: string): Promise<void> => {
  await qmp.execute('screendump', { filename: join(folder, SCREEN_PICTURE), format: 'png' }, { timeout: 5000 });
};
