/**
 * The host's scanner (OpenSCAP's `oscap`) with the loader and all libraries that it needs, so that any guest of this processor can run
 * it, whatever it has itself. It is unpacked into the guest's memory: nothing is installed there.
 */
import { mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { create } from 'tar';
import { IngotError } from '../../errors.ts';
import { run } from '../../host/run.ts';
import { requireTools } from '../../host/tools.ts';

/** Debian's openscap-common, and RPM's openscap: what systems are called. Its schemas are for the host. */
const DICTIONARY = '/usr/share/openscap/cpe';

/** It is looked for when the scanner runs: checks that are scripts (SCE). */
const PLUGIN = /^libopenscap_sce\.so\.\d+$/;

export const LOADER = 'loader';

/** Of the files that are sent. */
export interface Content {
  readonly datastream: string;
  readonly tailoring?: string | undefined;
}

/**
 * Writes `to`, a tar archive with gzip: `oscap`, `loader`, `lib/`, `cpe/`, `content/datastream.xml`, `content/tailoring.xml`.
 * `work`: an empty folder. Throws `host.tool-missing` without the scanner, or one of its libraries.
 */
export const packScanner = async (
  { datastream, tailoring }: Content,
  { work, to, signal }: { readonly work: string; readonly to: string; readonly signal?: AbortSignal | undefined },
): Promise<void> => {
  await requireTools(['openscap']);
  const program = (await run('sh', ['-c', 'command -v oscap'], { signal })).stdout.trim();
  const { loader, libraries } = linkedTo((await run('ldd', [program], { signal })).stdout, program);
  await mkdir(join(work, 'lib'));
  await mkdir(join(work, 'content'));
  const links: (readonly [string, string])[] = [
    ['oscap', program],
    [LOADER, loader],
    ['cpe', DICTIONARY],
    ...[...libraries, ...(await pluginsBeside(libraries))].map((path) => [join('lib', basename(path)), path] as const),
    ['content/datastream.xml', datastream],
    ...(tailoring === undefined ? [] : [['content/tailoring.xml', tailoring] as const]),
  ];
  for (const [name, path] of links) await symlink(await realpath(path), join(work, name));
  await create({ file: to, cwd: work, gzip: { level: 1 }, follow: true, portable: true }, ['.']);
};

const pluginsBeside = async (libraries: readonly string[]): Promise<string[]> => {
  const folder = dirname(libraries.find((path) => basename(path).startsWith('libopenscap.so')) ?? '/nowhere/x');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => PLUGIN.test(name)).map((name) => join(folder, name));
};

/** `ldd`: `libxml2.so.2 => /lib/x86_64-linux-gnu/libxml2.so.2 (0x…)`, and the loader by its path alone. */
const linkedTo = (
  text: string,
  program: string,
): { readonly loader: string; readonly libraries: readonly string[] } => {
  const [, loader] = /^\s*(\/\S*\/ld-linux\S*) \(/m.exec(text) ?? [];
  const missing = [...text.matchAll(/^\s*(\S+) => not found/gm)].map(([, name = '']) => name);
  if (loader === undefined || missing.length > 0)
    throw new IngotError(
      'host.tool-missing',
      `${program} does not run here: ${missing.join(', ') || 'it has no loader'}`,
      {
        hint: 'Install openscap-scanner again.',
      },
    );
  return { loader, libraries: [...text.matchAll(/ => (\/\S+) \(/g)].map(([, path = '']) => path) };
};
