/** A file: that it is there, whose it is, and what is in it; as it was captured, or after the boot. */

import type { FileNode } from '../../capture/file-tree.ts';
import { MOST_TEXT } from '../../host/expression-fits.ts';
import type { FileCheck } from '../../recipe/schema/test-checks-schema.ts';
import type { Facts } from '../facts.ts';
import { nodeAt, type Outside } from '../outside.ts';
import { type Compared, compared, fails, holds, type Outcome, outcomeOf, type Planned } from '../planned.ts';
import { givenUp, textFits } from '../text-fits.ts';

export const fileChecks = (check: FileCheck): Planned[] => {
  const isBooted = check.when === 'booted';
  const name = `file ${check.path}${check.exists ? '' : ' is not there'}${isBooted ? ' after the boot' : ''}`;
  if (!isBooted)
    return [{ rule: 'tests/file', name, outside: async (image) => judge(check, await seenOutside(check, image)) }];
  return [
    {
      rule: 'tests/file',
      name,
      asks: { files: [check.path] },
      inside: (facts) => judge(check, seenInside(check, facts)),
    },
  ];
};

interface Seen {
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly target: string | undefined;
  readonly content: string | undefined;
  /** There is more in it than `content`. */
  readonly isCut?: boolean | undefined;
}

const seenOutside = async ({ path, ...asked }: FileCheck, image: Outside): Promise<Seen | undefined> => {
  const isLink = isOfLink(asked);
  const found = isLink ? undefined : await image.files.find(path);
  const node = isLink ? await nodeAt(image, path) : found && image.tree.get(found.path);
  if (node === undefined) return undefined;
  return {
    type: node.type,
    mode: (node.mode ?? 0).toString(8).padStart(4, '0'),
    owner: await image.userName(node.uid),
    group: await image.groupName(node.gid),
    target: node.target,
    ...(node.type === 'file' ? await contentOf(node, asked, image) : { content: undefined }),
  };
};

/** Nothing of a large file is read: what is looked for may be in the part that is not. */
const contentOf = async (
  { path, size }: FileNode,
  { contains, lacks }: Pick<FileCheck, 'contains' | 'lacks'>,
  { files }: Outside,
): Promise<Pick<Seen, 'content' | 'isCut'>> => {
  if (contains === undefined && lacks === undefined) return { content: undefined };
  return size > MOST_TEXT ? { content: '', isCut: true } : { content: await files.text(path) };
};

const seenInside = ({ path, ...asked }: FileCheck, { files }: Facts): Seen | undefined => {
  const file = files.get(path);
  if (file === undefined) return undefined;
  if (!isOfLink(asked) || file.link === undefined) return { ...file, target: file.link?.target };
  return { ...file.link, content: undefined };
};

/** What a link leads to is meant, unless the link itself is asked for, or nothing may be there, no link either. */
const isOfLink = ({ exists, type, target }: Pick<FileCheck, 'exists' | 'type' | 'target'>): boolean =>
  !exists || type === 'link' || target !== undefined;

const judge = (check: FileCheck, seen: Seen | undefined): Outcome => {
  const { path, exists } = check;
  if (!exists) {
    if (seen === undefined) return holds(`${path} is not there`);
    return fails(`${path} is there`, { wanted: 'not there', found: seen.type, where: path });
  }
  if (seen === undefined) return fails(`${path} is not there`, { wanted: 'there', found: 'not there', where: path });
  const values = [
    ...given(check.type, (wanted) => compared('its type', wanted, seen.type)),
    ...given(check.mode, (wanted) => compared('its mode', wanted.padStart(4, '0'), seen.mode)),
    ...given(check.owner, (wanted) => compared('its owner', wanted, seen.owner)),
    ...given(check.group, (wanted) => compared('its group', wanted, seen.group)),
    ...given(check.target, (wanted) => compared('its target', wanted, seen.target)),
    ...(check.contains ?? []).map((pattern) => has(pattern, seen, true)),
    ...(check.lacks ?? []).map((pattern) => has(pattern, seen, false)),
  ];
  return outcomeOf(path, values, { where: path });
};

const given = <T>(value: T | undefined, make: (value: T) => Compared): Compared[] =>
  value === undefined ? [] : [make(value)];

/** What is no text file has nothing that could be looked for, so neither holds. What is not found in a part may be in the rest. */
const has = (pattern: string, { content, isCut }: Seen, wanted: boolean): Compared => {
  const told = `${JSON.stringify(pattern)} in it`;
  const of = { what: told, wanted: wanted ? 'there' : 'not there' };
  if (content === undefined)
    return { ...of, found: 'not to be read', isRight: false, wrong: 'it is no file whose text could be read' };
  const isThere = textFits(pattern, content);
  if (isThere === undefined) return { ...of, found: 'not known', isRight: undefined, wrong: givenUp(pattern) };
  if (!isThere && isCut)
    return { ...of, found: 'not known', isRight: undefined, wrong: `${JSON.stringify(pattern)}: ${tooLarge(content)}` };
  const wrong = `${JSON.stringify(pattern)} is ${wanted ? 'not ' : ''}in it`;
  return { ...of, found: isThere ? 'there' : 'not there', isRight: isThere === wanted, wrong };
};

const tooLarge = (content: string): string =>
  content === ''
    ? `a file of more than ${MOST_TEXT / 2 ** 20} MiB is not looked into`
    : 'it is not in the beginning of the file, and no more is looked at after a boot';
