/**
 * Loaded before each test file: keeps what ended it outside of a test, since node-tap's terse report names the file alone.
 * `run.ts` prints it with the result.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

export const UNCAUGHT = join(import.meta.dirname, '..', '.tap', 'uncaught.txt');

process.on('uncaughtExceptionMonitor', (error) => {
  const detail = 'detail' in error ? `\n${error.detail}` : '';
  appendFileSync(UNCAUGHT, `${process.argv[1]}: ${error.stack ?? error}${detail}\n`);
});
