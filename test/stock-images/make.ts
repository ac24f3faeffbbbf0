/** `node test/stock-images/make.ts NAME… FOLDER`: makes images from the command line; README.md says more. */
import { exitCodeOf, messageOf } from '../../src/errors.ts';
import { removeUnused } from '../real-installer/made.ts';
import { STOCK_NAMES, type StockName } from './makers.ts';
import { skipReason } from './not-made.ts';
import { stockImage } from './stock-image.ts';

const isName = (word: string): word is StockName => STOCK_NAMES.some((name) => name === word);

const main = async (words: readonly string[]): Promise<void> => {
  const names = words.slice(0, -1).filter(isName);
  const folder = words.at(-1);
  if (folder === undefined || names.length === 0 || names.length !== words.length - 1) {
    process.stderr.write(`Usage: make.ts NAME… FOLDER\nNames: ${STOCK_NAMES.join(' ')}\n`);
    process.exitCode = 2;
    return;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  for (const name of names) {
    const tell = (line: string) => void process.stderr.write(`${line}\n`);
    const made = await stockImage(name, { folder, signal: stop.signal, tell }).catch((error: unknown) => {
      const reason = skipReason(error);
      if (reason === undefined) throw error;
      return `not made: ${reason}`;
    });
    console.log(made);
  }
  await removeUnused(folder);
};

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  if (error instanceof Error && 'detail' in error) process.stderr.write(`${error.detail ?? ''}\n`);
  process.exitCode = exitCodeOf(error);
});
