/** The templates that .deb and .udeb files carry in their control archives (deb(5)), of many files at once. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { readTar } from '../../formats/archives/tar.ts';
import { temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { parseTemplates } from './template-file.ts';
import type { Template } from './templates.ts';

/** A shell for thirty of them, and as many at a time as there are processors: a process for each is what takes the time. */
const EXTRACT_SOME = `for file; do dpkg-deb --ctrl-tarfile "$file" > "$DEST/\${file##*/}.tar" || exit; done`;
const EXTRACT = `printf '%s\\n' "$@" | xargs -d '\\n' -P "$(nproc)" -n 30 sh -c '${EXTRACT_SOME}' sh`;

/** By path; files without templates are left out. */
export const packageTemplates = async (paths: readonly string[]): Promise<ReadonlyMap<string, readonly Template[]>> => {
  const found = new Map<string, readonly Template[]>();
  if (paths.length === 0) return found;
  await using folder = await temporaryFolder('ingot-templates-');
  await run('env', [`DEST=${folder.path}`, 'sh', '-c', EXTRACT, 'sh', ...paths], { hint: 'Install dpkg.' });
  for (const path of paths) {
    const file = path.slice(path.lastIndexOf('/') + 1);
    const text = await templatesMember(join(folder.path, `${file}.tar`), path);
    if (text !== undefined) found.set(path, parseTemplates(text, file.split('_')[0] ?? file));
  }
  return found;
};

const templatesMember = async (archive: string, name: string): Promise<string | undefined> => {
  const chunks: Uint8Array[] = [];
  let inside = false;
  let present = false;
  await readTar(
    createReadStream(archive),
    {
      entry({ path }) {
        inside = path === 'templates';
        present ||= inside;
      },
      data(chunk) {
        if (inside) chunks.push(chunk);
      },
      end() {
        inside = false;
      },
    },
    { name },
  );
  return present ? Buffer.concat(chunks).toString('utf8') : undefined;
};
