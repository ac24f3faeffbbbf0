/** pykickstart's own checker, asked as well when it is installed. It reads the file itself and follows no includes. */
import { IngotError } from '../../errors.ts';
import { run } from '../../host/run.ts';
import type { Reporter } from '../../report.ts';
import type { Finding } from '../finding.ts';
import type { KickstartRelease } from './release.ts';

/** `RHEL9`, `F41`; for Fedora without a number what the installed pykickstart calls newest. */
const versionOf = (release: KickstartRelease): string => {
  const [family, number] = release.split('-');
  if (family === 'rhel') return `RHEL${number}`;
  return number === undefined ? 'DEVEL' : `F${number}`;
};

/** Nothing when ksvalidator is not installed; the reporter is told of that, and of what it said besides errors. */
export const askKsvalidator = async (
  path: string,
  release: KickstartRelease,
  report?: Pick<Reporter, 'note'>,
): Promise<readonly Finding[]> => {
  try {
    const { stdout, stderr } = await run('ksvalidator', ['--version', versionOf(release), path], {
      // 1: the file is not valid.
      allow: [0, 1],
      timeout: 30_000,
    });
    return readReport(path, `${stdout}\n${stderr}`);
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    const why =
      error.code === 'host.tool-missing'
        ? 'ksvalidator is not installed'
        : `ksvalidator could not be asked: ${error.message}`;
    report?.note(`${why}; the rest is checked all the same`);
    return [];
  }
};

/** `The following problem occurred on line 3 of the kickstart file:`, an empty line, and the message. */
const PROBLEM = /on line (\d+) of the kickstart file:\s*\n\s*\n?([^\n]+)/g;

const readReport = (path: string, text: string): Finding[] =>
  [...text.matchAll(PROBLEM)].map(([, line = '1', message = '']) => ({
    rule: 'kickstart/ksvalidator',
    severity: 'error',
    file: path,
    line: Number(line),
    column: 1,
    endColumn: 1,
    message: message.trim(),
  }));
