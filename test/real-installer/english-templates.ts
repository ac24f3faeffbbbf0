/**
 * debconf templates in English only. Loading the others takes an installer minutes under emulation; nothing but the
 * language of the questions depends on them. Only the kind `english` of a medium has its templates cut.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { made } from './made.ts';
import { describeUdeb, packUdeb, type Udeb } from './udeb.ts';
import { controlOf, unpacked } from './unpack.ts';
import type { Workshop } from './workshop.ts';

const TRANSLATED = /^[A-Za-z_]+-(?!(?:C|en)\b)[A-Za-z_@]+\.[A-Za-z0-9-]+:/;

/** Without the translated fields and the lines that go on with them. */
export const inEnglish = (templates: string): string => {
  const kept: string[] = [];
  let keeps = true;
  for (const line of templates.split('\n')) {
    if (!/^[ \t]/.test(line)) keeps = !TRANSLATED.test(line);
    if (keeps) kept.push(line);
  }
  return kept.join('\n');
};

/** The same udeb with templates in English only; one without templates stays what it is. */
export const englishUdeb = async (workshop: Workshop, udeb: Udeb): Promise<Udeb> => {
  const { cache, context } = workshop;
  const own = await unpacked({ cache, signal: context.signal }, udeb);
  const templates = await readFile(join(own, 'DEBIAN/templates'), 'utf8').catch(() => undefined);
  if (templates === undefined || inEnglish(templates) === templates) return udeb;
  const name = basename(udeb.filename);
  const folder = await made(cache, 'english', udeb.sha256, async (to) => {
    const tree = join(to, 'tree');
    await mkdir(tree);
    await cp(own, tree, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(tree, 'DEBIAN/templates'), inEnglish(templates));
    await packUdeb(tree, join(to, name), 'quick', context.signal);
    await rm(tree, { recursive: true });
  });
  const from = [udeb.from, 'templates in English only'].filter((one) => one !== undefined).join(', ');
  return await describeUdeb(join(folder, name), await controlOf(own), udeb.filename, from);
};
