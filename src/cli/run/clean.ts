/**
 * What is taken out of a run's files before others get them: the recipe's secrets once more, as far as they can be
 * read, since the program that wrote a file may have been killed; and what looks like a password hash or a private key, wherever
 * it came from.
 */
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from '../../host/if-there.ts';
import { SECRETS_FILE } from '../../pipeline/runs.ts';
import { secretForms } from '../../recipe/secrets/secret-forms.ts';
import { isReference, readSecret } from '../../recipe/secrets/secrets.ts';

export interface RunSecrets {
  /** All forms, the longest first. */
  readonly values: readonly string[];
  /** Secrets that cannot be read here and now, in words. */
  readonly missing: readonly string[];
}

/** The secrets that a run's recipe names; the run knows where they are, not what they are. */
export const secretsOfRun = async (folder: string): Promise<RunSecrets> => {
  const text = (await ifThere(readFile(join(folder, SECRETS_FILE), 'utf8'))) ?? '[]';
  const references: unknown = JSON.parse(text);
  const values: string[] = [];
  const missing: string[] = [];
  for (const reference of Array.isArray(references) ? references.filter(isReference) : []) {
    const read = await readSecret(reference, folder, process.env);
    if ('value' in read) values.push(...secretForms(read.value).map((form) => form.text));
    else missing.push('env' in reference ? `env ${reference.env}` : `file ${reference.file}`);
  }
  return { values: values.sort((one, other) => other.length - one.length), missing };
};

export interface Cleaned {
  readonly text: string;
  readonly hadSecret: boolean;
}

/** For texts of the run's own. */
export const cleaner = ({ values }: RunSecrets) => cleanWith(values);

const cleanWith =
  (values: readonly string[]) =>
  (text: string): Cleaned => {
    const without = values.reduce((left, value) => left.replaceAll(value, '***'), text);
    return { text: withoutCredentials(without), hadSecret: without !== text };
  };

/** crypt(5) hashes, and private keys in PEM and OpenSSH's form. */
export const withoutCredentials = (text: string): string =>
  text
    .replaceAll(/\$(?:y|gy|7|2[abxy]|5|6|1|sha1|md5)\$[./A-Za-z0-9$,=]{8,}/g, '(password hash)')
    .replaceAll(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$(?![\s\S]))/g,
      '(private key)',
    );

export interface CleanCopy {
  /** Whether anything was taken out, and whether it was a secret of the recipe. */
  readonly changed: boolean;
  readonly hadSecret: boolean;
}

/** Bytes that are looked at together; a private key is not cut in two. */
const PIECE = 4 * 2 ** 20;
const LONGEST_KEY = 2 ** 20;

/** Copies a file of any size piece by piece. Bytes that are no text stay as they are. */
export const copyClean = async (from: string, to: string, { values }: RunSecrets): Promise<CleanCopy> => {
  // Latin-1 keeps every byte as it is.
  const clean = cleanWith(values.map((value) => Buffer.from(value).toString('latin1')));
  await using target = await open(to, 'wx', 0o600);
  let [changed, hadSecret] = [false, false];
  const put = async (text: string): Promise<void> => {
    const cleaned = clean(text);
    changed ||= cleaned.text !== text;
    hadSecret ||= cleaned.hadSecret;
    await target.writeFile(cleaned.text, 'latin1');
  };
  let rest = '';
  for await (const chunk of createReadStream(from, { encoding: 'latin1', highWaterMark: PIECE })) {
    rest += String(chunk);
    const at = cutOf(rest);
    await put(rest.slice(0, at));
    rest = rest.slice(at);
  }
  await put(rest);
  return { changed, hadSecret };
};

/** After a line, and not within a key; a text without lines is cut anywhere. */
const cutOf = (text: string): number => {
  const line = text.lastIndexOf('\n') + 1;
  const begin = text.lastIndexOf('-----BEGIN ');
  const isOpen = begin >= 0 && !/-----END [A-Z ]*PRIVATE KEY-----/.test(text.slice(begin));
  if (isOpen && text.length - begin < LONGEST_KEY) return Math.min(begin, line);
  return line === 0 && text.length > PIECE ? text.length : line;
};
