/** `node test/real-installer/make.ts iso 13 english FOLDER OUT`: the command line of this folder; README.md says more. */
import { exitCodeOf, messageOf } from '../../src/errors.ts';
import { completeArchive } from './archive.ts';
import { type CompleteIso, completeIso, putIso } from './debian-iso.ts';
import type { Missing } from './incomplete.ts';
import { removeUnused } from './made.ts';
import { serveArchive } from './serve.ts';

const USAGE = `Usage: make.ts archive 12|13 FOLDER
       make.ts serve 12|13 FOLDER
       make.ts iso 12|13 netinst|dvd|english FOLDER OUT
`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

const report = ({ repacked, missing }: Pick<CompleteIso, 'repacked' | 'missing'>) => {
  for (const { name, from } of repacked) console.log(`repacked ${name}: ${from}`);
  for (const { name, why } of missing as readonly Missing[]) console.log(`missing ${name}: ${why}`);
};

const isRelease = (text: string | undefined) => text === '12' || text === '13';
const isKind = (text: string | undefined) => text === 'netinst' || text === 'dvd' || text === 'english';

const main = async ([verb, release, ...rest]: readonly string[]): Promise<void> => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const signal = stop.signal;
  if (verb === 'iso' && isRelease(release)) {
    const [kind, folder, output] = rest;
    if (isKind(kind) && folder !== undefined && output !== undefined) {
      const result = await completeIso(release, kind, { folder, signal, tell: say });
      await putIso(result.iso, output);
      report(result);
      console.log(`${output}: Debian ${release}, ${kind}, kernel ${result.kernelRelease}`);
      return await removeUnused(folder);
    }
  }
  const [folder] = rest;
  if ((verb === 'archive' || verb === 'serve') && isRelease(release) && folder !== undefined) {
    const archive = await completeArchive(release, { folder, signal, tell: say });
    if (verb === 'archive') {
      report(archive);
      console.log(`${archive.folder}: Debian ${release}, kernel ${archive.kernelRelease}`);
      return await removeUnused(folder);
    }
    await using served = await serveArchive(archive);
    const { mirror, securityMirror, keyring } = served;
    console.log(JSON.stringify({ mirror, securityMirror, keyring }));
    return await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  process.stderr.write(USAGE);
  process.exitCode = 2;
};

await main(process.argv.slice(2)).catch((error: unknown) => {
  say(messageOf(error));
  if (error instanceof Error && 'detail' in error) say(String(error.detail ?? ''));
  process.exitCode = exitCodeOf(error);
});
