/** What a machine run leaves for whoever has to understand it: the console as text and picture, and the screen. */
import { join } from 'node:path';
import { writeFileWhole } from '../host/files.ts';
import type { Console } from './console.ts';
import { drawConsole } from './console-picture.ts';
import type { Qmp } from './qmp.ts';

export const CONSOLE_TEXT = 'console.txt';
export const CONSOLE_PICTURE = 'console.png';
export const SCREEN_PICTURE = 'screen.png';

/** The serial console as the emulator shows it. */
export const saveConsole = async (console: Console, folder: string): Promise<void> => {
  await writeFileWhole(join(folder, CONSOLE_TEXT), await console.text());
  await writeFileWhole(join(folder, CONSOLE_PICTURE), await drawConsole(await console.buffer()));
};

/** The VGA screen, by QEMU itself; only while the machine lives. */
export const saveScreen = async (qmp: Qmp, folder: string): Promise<void> => {
  await qmp.execute('screendump', { filename: join(folder, SCREEN_PICTURE), format: 'png' }, { timeout: 5000 });
};
