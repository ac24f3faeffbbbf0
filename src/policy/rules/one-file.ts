/** One file that a policy asks for: whether it is there, its permissions, its owner, its lines. Links are followed. */
import type { Subject } from '../../inspect/subject.ts';
import { type Findings, fails } from '../policy-facts.ts';
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
  const lines = ((await files.text(path)) ?? '').split('\n');
  const bad = lacks === undefined ? undefined : lines.find((line) => new RegExp(lacks).test(line));
  const tell = (message: string) => fails('files.require', message, path, 'Change the file in a step.');
  return [
    ...(contains === undefined || lines.some((line) => new RegExp(contains).test(line))
      ? []
      : [tell(`no line of ${path} matches /${contains}/`)]),
    ...(bad === undefined ? [] : [tell(`a line of ${path} matches /${lacks}/: ${bad.slice(0, 200)}`)]),
  ];
};

const ownerText = async (files: Subject['files'], uid: number, gid: number, withGroup: boolean): Promise<string> => {
  const name = async (path: string, id: number) =>
    ((await files.text(path)) ?? '')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, , number]) => number === String(id))?.[0] ?? String(id);
  const user = await name('/etc/passwd', uid);
  return withGroup ? `${user}:${await name('/etc/group', gid)}` : user;
};
