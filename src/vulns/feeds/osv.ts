/** An OSV dump: one ZIP archive of an ecosystem, one JSON file a record, of which those about installed packages are parsed. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { throwIfInterrupted } from '../../errors.ts';
import { ZipError, zipEntries } from '../../formats/archives/zip-entries.ts';
import { firstBytes } from '../../host/files.ts';
import { isEcosystemOf } from '../ecosystem.ts';
import type { Statement } from '../statement.ts';
import { invalidFeed, parsedJson } from './feed-error.ts';
import type { FeedContext, FeedReader } from './feed-reader.ts';
import { feedText } from './open-feed.ts';
import { osvRecord, osvStatements } from './osv-record.ts';

const LIMITS = { entry: 32 * 2 ** 20, total: 4 * 2 ** 30, count: 2_000_000 };

export const readOsv: FeedReader = async (path, context) => {
  const isOurs = isEcosystemOf(context.inventory.system);
  const names = new Set([...context.wanted.sources, ...context.wanted.binaries]);
  const statements: Statement[] = [];
  let [covers, records] = [false, 0];
  const read = (text: string, name: string): void => {
    records++;
    covers ||= ecosystemsIn(text).some(isOurs);
    if (mayName(text, names)) statements.push(...statementsOf(text, `${path}: ${name}`, isOurs, context));
  };
  if (!(await isZip(path))) {
    const text = await feedText(path, context.signal);
    read(text, 'record');
    return { covers, statements };
  }
  try {
    for await (const { name, content } of zipEntries(path, LIMITS)) {
      throwIfInterrupted(context.signal);
      if (name.endsWith('.json')) read(content.toString('utf8'), name);
    }
  } catch (error) {
    if (error instanceof ZipError) throw invalidFeed(path, error.message, error);
    throw error;
  }
  if (records === 0) throw invalidFeed(path, 'there is no record in it');
  return { covers, statements };
};

const isZip = async (path: string): Promise<boolean> =>
  (await stat(path)).size > 0 && (await firstBytes(path, 2)).toString('latin1') === 'PK';

/** Without parsing: nine of ten records are about other packages. An escape in a name makes it worth a look. */
const mayName = (text: string, names: ReadonlySet<string>): boolean => {
  if (text.includes('\\u')) return true;
  for (const [, name = ''] of text.matchAll(/"name"\s*:\s*"([^"]*)"/g))
    if (names.has(name) || name.includes('\\')) return true;
  return false;
};

const ecosystemsIn = (text: string): string[] =>
  Array.from(text.matchAll(/"ecosystem"\s*:\s*"([^"]*)"/g), ([, name = '']) => name);

const statementsOf = (
  text: string,
  where: string,
  isOurs: (ecosystem: string) => boolean,
  context: FeedContext,
): Statement[] => {
  const found = osvRecord.safeParse(parsedJson(text, where));
  if (found.success) return osvStatements(found.data, isOurs, context);
  throw invalidFeed(where, z.prettifyError(found.error).slice(0, 500));
};
