/** pykickstart's own checker, asked as well when it is installed. It reads the file alone and follows no includes. */
import { access, constants, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import type { Finding } from '../finding.ts';
import type { SourceFile } from '../source-file.ts';
import type { KickstartRelease } from './release.ts';

const COMMAND = 'ksvalidator';

/** `RHEL9`, `F41`; undefined is what the installed pykickstart takes for the newest, which it refuses by name. */
const versionOf = (release: KickstartRelease): string | undefined => {
  const [family, number] = release.split('-');
  if (family === 'rhel') return `RHEL${number}`;
  return number === undefined ? undefined : `F${number}`;
};

/** Its exit status is the number of mistakes. */
const ANY_STATUS = Array.from({ length: 256 }, (_, status) => status);

/** Nothing when it is not installed; that it could not be asked is a finding of its own. */
export const askKsvalidator = async (file: SourceFile, release: KickstartRelease): Promise<readonly Finding[]> => {
  if (!(await isInPath())) return [];
  // It would fetch what the line names, a file of this host or an address, before it looks at anything.
  if (/^[ \t]*%ksappend\b/m.test(file.text))
    return [finding(file.name, 1, 'info', 'ksvalidator is not asked: it would fetch what %ksappend names')];
  // Running commands takes longer to load than linting a file takes.
  const { temporaryFolder } = await import('../../host/files.ts');
  const { run } = await import('../../host/run.ts');
  await using folder = await temporaryFolder('ingot-ks-');
  const path = join(folder.path, 'ks.cfg');
  await writeFile(path, file.text);
  try {
    const version = versionOf(release);
    const { stdout, stderr, exitCode } = await run(
      COMMAND,
      [...(version === undefined ? [] : ['--version', version]), path],
      {
        allow: ANY_STATUS,
        timeout: 30_000,
      },
    );
    const said = `${stdout}\n${stderr}`;
    const found = readReport(file.name, said);
    return exitCode === 0 || found.length > 0
      ? found
      : [notAsked(file.name, lastLine(said) ?? `exit status ${exitCode}`)];
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    return [notAsked(file.name, error.message)];
  }
};

const notAsked = (file: string, why: string): Finding =>
  finding(file, 1, 'info', `ksvalidator could not be asked: ${why}`);

const lastLine = (text: string): string | undefined =>
  text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim();

const isInPath = async (): Promise<boolean> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.allSettled(folders.map((folder) => access(join(folder, COMMAND), constants.X_OK)));
  return found.some(({ status }) => status === 'fulfilled');
};

/** `The following problem occurred on line 3 of the kickstart file:`, an empty line, and the message. */
const PROBLEM = /on line (\d+) of the kickstart file:\s*\n\s*\n?([^\n]+)/g;

const readReport = (file: string, text: string): Finding[] =>
  [...text.matchAll(PROBLEM)].map(([, line = '1', message = '']) =>
    finding(file, Number(line), 'error', message.trim()),
  );

const finding = (file: string, line: number, severity: Finding['severity'], message: string): Finding => ({
  rule: 'kickstart/ksvalidator',
  severity,
  file,
  line,
  column: 1,
  endColumn: 1,
  message,
});
