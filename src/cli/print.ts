/**
 * The one place that prints. What is told comes from guests, media, servers and other people's files as well: no control
 * character of theirs reaches the terminal, where it would set its title, fill its clipboard or hide a line. The screens
 * that draw (listr2) and the console of `boot` and `shell`, which is the guest's own terminal, write by themselves.
 */
import { visible } from '../ui/format.ts';

/** On stdout, as it is: the caller ends lines. JSON stays the same JSON. */
export const print = (text: string): void => void process.stdout.write(visible(text));

/** A line on stderr. */
export const say = (text: string): void => void process.stderr.write(`${visible(text)}\n`);

/** A line on stderr that takes the place of the one before, on a terminal. */
export const sayOver = (text: string): void => void process.stderr.write(`\r\x1b[K${visible(text)}`);

/** The content of files, on stdout: as it is where it goes into a file or a program. */
export const printFile = (text: string): void => void process.stdout.write(process.stdout.isTTY ? visible(text) : text);
