/** SHA256SUMS and the manifest against the files of the folder: each is there, is what it was, and nothing lies beside. */
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import type { VerifyContext } from './verify-context.ts';

export const SUMS = 'SHA256SUMS';

export const checkSums = async (context: VerifyContext): Promise<Judgement> => {
  const text = (await context.read(SUMS))?.toString('utf8');
  if (text === undefined) {
    // An image alone never had any; from a folder they were taken away.
    const verdict = context.files.length > 1 ? 'fails' : 'unjudged';
    const message = `there is no ${SUMS}: nothing says which files belong to it`;
    const hint = 'Verify the folder as the build left it, with all of its files.';
    return {
      check: 'sums',
      verdict,
      facts: [],
      found: [{ rule: 'sums/missing', verdict, message, where: SUMS, hint }],
    };
  }
  const lines = readSums(text);
  const found = [...lines.wrong, ...(await judgeFiles(lines.digests, context)), ...(await judgeManifest(context))];
  return {
    check: 'sums',
    verdict: verdictOf(['holds', ...found.map(({ verdict }) => verdict)]),
    facts: [`${lines.digests.size} files named in ${SUMS}, ${context.files.length} in the folder`],
    found,
  };
};

interface Sums {
  readonly digests: ReadonlyMap<string, string>;
  readonly wrong: readonly Judged[];
}

const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** Lines as sha256sum(1) writes them; nothing but these, and no path that leads out of the folder. */
const readSums = (text: string): Sums => {
  const digests = new Map<string, string>();
  const wrong: Judged[] = [];
  const refuse = (rule: string, message: string, where: string) =>
    wrong.push({ rule, verdict: 'fails', message, where, hint: REPLACE });
  for (const [nth, line] of text.replace(/\n$/, '').split('\n').entries()) {
    const [, digest, name] = LINE.exec(line) ?? [];
    const where = `${SUMS}:${nth + 1}`;
    if (digest === undefined || name === undefined) refuse('sums/line', 'this is no line of sha256sum', where);
    else if (name.startsWith('/') || name.split('/').includes('..'))
      refuse('sums/path', `${name} leads out of the folder`, where);
    else if (digests.has(name)) refuse('sums/twice', `${name} is named twice`, where);
    else digests.set(name, digest);
  }
  return { digests, wrong };
};

const REPLACE = 'Get the folder again from where it was published.';

const judgeFiles = async (digests: Sums['digests'], context: VerifyContext): Promise<Judged[]> => {
  const found: Judged[] = [];
  for (const [name, digest] of digests) {
    const now = context.files.includes(name) ? await context.digest(name) : undefined;
    if (now === digest) continue;
    const [rule, message] =
      now !== undefined
        ? ['sums/changed-file', `${name} has SHA-256 ${now}, and ${SUMS} says ${digest}`]
        : context.files.includes(name)
          ? ['sums/no-file', `${name} is a link or something else, and no file`]
          : ['sums/missing-file', `${name} is named in ${SUMS}, and is not there`];
    found.push({ rule, verdict: 'fails', message, where: name, hint: REPLACE });
  }
  for (const name of context.files)
    if (!digests.has(name) && !isBeside(name) && !isLater(name))
      found.push({
        rule: 'sums/extra-file',
        verdict: 'fails',
        message: `${name} is in the folder, and no line of ${SUMS} names it`,
        where: name,
        hint: 'Move it away, unless it is known who put it there and why.',
      });
  return found;
};

/** Statements of later findings are made after the sums; what each is worth, other checks say. */
const isLater = (name: string): boolean => /\.intoto(\.(dsse|sigstore))?\.json$/.test(name);

/** What cannot be named in the sums, since it is made of them. */
export const isBeside = (name: string): boolean =>
  name === SUMS || name === `${SUMS}.minisig` || name === `${SUMS}.asc`;

const judgeManifest = async (context: VerifyContext): Promise<Judged[]> => {
  const { manifest } = context;
  const fails = (rule: string, message: string, where: string): Judged => ({
    rule,
    verdict: 'fails',
    message,
    where,
    hint: REPLACE,
  });
  if (manifest === undefined)
    return [
      fails('manifest/unreadable', 'there is no manifest.json of a build, or it cannot be read', 'manifest.json'),
    ];
  const found: Judged[] = [];
  for (const { file, sha256 } of [...manifest.images, ...(manifest.medium ? [manifest.medium] : [])]) {
    const now = context.files.includes(file) ? await context.digest(file) : undefined;
    if (now === undefined) found.push(fails('manifest/missing-file', `${file} of the manifest is not there`, file));
    else if (now !== sha256)
      found.push(fails('manifest/changed-file', `${file} has SHA-256 ${now}, and the manifest says ${sha256}`, file));
  }
  return found;
};
