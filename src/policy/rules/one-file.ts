/** One file that a policy asks for: whether it is there, its permissions, its owner, its lines. Links are followed. */
import { expressionFits, MOST_TEXT, MOST_TIME } from '../../host/expression-fits.ts';
import type { Subject } from '../../inspect/subject.ts';
import { translated } from '../../recipe/schema/expression-source.ts';
import { type Findings, fails, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

type Wanted = NonNullable<NonNullable<Policy['files']>['require']>[number];

export const judgeFile = async (
  wanted: Wanted,
  { files, tree }: Pick<Subject, 'files' | 'tree'>,
): Promise<Findings> => {
  const { path, optional } = wanted;
  const found = await files.find(path);
  const node = found && tree.get(found.path);
  const tell = (message: string, hint: string) => fails('files.require', message, path, hint);
  if (node === undefined) return optional ? [] : [tell(`${path} is missing`, 'Make it in a step.')];
  const { mode = 0, uid = 0, gid = 0 } = node;
  const octal = mode.toString(8).padStart(4, '0');
  const { mode: exact, mostMode, owner } = wanted;
  const isOther = exact !== undefined && mode !== Number.parseInt(exact, 8);
  const isMore = mostMode !== undefined && (mode & ~Number.parseInt(mostMode, 8)) !== 0;
  const is = owner === undefined ? undefined : await ownerText(files, uid, gid, owner.includes(':'));
  return [
    ...(isOther ? [tell(`${path} has the mode ${octal}, not ${exact}`, `chmod ${exact} ${path} in a step.`)] : []),
    ...(isMore
      ? [tell(`${path} has the mode ${octal}, which is more than ${mostMode}`, `chmod ${mostMode} ${path} in a step.`)]
      : []),
    ...(is === owner ? [] : [tell(`${path} belongs to ${is}, not to ${owner}`, `chown ${owner} ${path} in a step.`)]),
    ...(await judgeLines(wanted, files)),
  ];
};

const judgeLines = async ({ path, contains, lacks }: Wanted, files: Subject['files']): Promise<Findings> => {
  if (contains === undefined && lacks === undefined) return [];
  const found = await files.find(path);
  if (found !== undefined && found.entry.size > MOST_TEXT)
    return [unknown(path, `${path} is larger than ${MOST_TEXT / 2 ** 20} MiB, and is not looked into`)];
  const lines = ((await files.text(path)) ?? '').split('\n');
  const [wanted, unwanted] = [contains, lacks].map((source) => fitting(source, lines));
  const late = [wanted === undefined ? contains : undefined, unwanted === undefined ? lacks : undefined];
  const bad = unwanted?.[0];
  const tell = (message: string) => fails('files.require', message, path, 'Change the file in a step.');
  return [
    ...late.flatMap((source) =>
      source === undefined
        ? []
        : [unknown(path, `/${source}/ was given up on ${path}: an expression has ${MOST_TIME / 1000} s`)],
    ),
    ...(contains === undefined || wanted?.length !== 0 ? [] : [tell(`no line of ${path} matches /${contains}/`)]),
    ...(bad === undefined ? [] : [tell(`a line of ${path} matches /${lacks}/: ${bad.slice(0, 200)}`)]),
  ];
};

/** The lines that an expression fits; undefined where it was given up. */
const fitting = (source: string | undefined, lines: readonly string[]): readonly string[] | undefined => {
  if (source === undefined) return [];
  const fits = expressionFits(new RegExp(translated(source).source), lines);
  return fits && lines.filter((_, nth) => fits[nth]);
};

const unknown = (path: string, message: string) => ({
  ...unjudged('files.require', message, 'Write an expression that asks for less, or ask for another file.'),
  where: path,
});

const ownerText = async (files: Subject['files'], uid: number, gid: number, withGroup: boolean): Promise<string> => {
  const name = async (path: string, id: number) =>
    ((await files.text(path)) ?? '')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, , number]) => number === String(id))?.[0] ?? String(id);
  const user = await name('/etc/passwd', uid);
  return withGroup ? `${user}:${await name('/etc/group', gid)}` : user;
};
