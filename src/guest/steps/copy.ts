/** The `copy` step: a file, a folder or a text goes into the guest, over the one SSH connection, with owner and mode. */
import { createReadStream } from 'node:fs';
import { cp, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { shellQuote } from '../../host/command-line.ts';
import { temporaryFolder } from '../../host/files.ts';
import { VERSION_CONTROL } from '../../host/look-at.ts';
import { run } from '../../host/run.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { CopyStep } from '../../recipe/schema/configure-schema.ts';
import { systemHint } from '../../system-error.ts';
import type { StepContext } from './step-context.ts';
import { renderTemplates, type StepTemplate } from './step-template.ts';

type Copy = CopyStep['copy'];

export const copy = async ({ copy: step }: CopyStep, context: StepContext): Promise<void> => {
  if (step.content !== undefined) return copyContent(step, step.content, context);
  if (step.from === undefined)
    throw new IngotError('recipe.invalid', 'a copy step needs `from` or `content`', {
      hint: 'Write one of the two.',
    });
  const source = hostFile(context.folder, step.from);
  const found = await stat(source).catch((cause: unknown) => {
    throw new IngotError('guest.copy-source', `cannot read ${source}`, { hint: systemHint(cause), cause });
  });
  await (found.isDirectory() ? copyFolder(step, source, context) : copyFile(step, source, found.mode, context));
};

const copyContent = async (step: Copy, content: NonNullable<Copy['content']>, context: StepContext): Promise<void> => {
  const isSecret = typeof content !== 'string';
  const text = isSecret ? context.secrets.get(content) : content;
  const [rendered] = step.template ? renderTemplates([contentTemplate(step.to, text)], context.variables) : [];
  const body = rendered ?? text;
  await prepareParent(step.to, context);
  await context.session.writeFile(step.to, body, step.mode ?? (isSecret ? '0600' : '0644'), step.owner);
};

/** A text in the recipe is not a file: there is nothing next to it to include. */
export const contentTemplate = (to: string, text: string): StepTemplate => ({ path: `content for ${to}`, text });

const copyFile = async (step: Copy, source: string, mode: number, context: StepContext): Promise<void> => {
  const to = step.to.endsWith('/') ? join(step.to, basename(source)) : step.to;
  await prepareParent(to, context);
  const [rendered] = step.template
    ? renderTemplates([{ path: source, text: await readFile(source, 'utf8') }], context.variables)
    : [];
  const body = rendered ?? createReadStream(source, { highWaterMark: 1 << 18 });
  await context.session.writeFile(to, body, step.mode ?? (mode & 0o777).toString(8), step.owner);
};

const prepareParent = async (path: string, { session }: StepContext): Promise<void> => {
  await session.check(`mkdir -p "$(dirname ${shellQuote(path)})"`);
};

/** What is in the folder, hidden files too, goes into `to`; tar carries modes, symbolic links and the owner by name. */
const copyFolder = async (step: Copy, source: string, context: StepContext): Promise<void> => {
  await using temporary = await temporaryFolder('ingot-copy-');
  const tree = step.template ? await renderedTree(source, join(temporary.path, 'tree'), context) : source;
  const archive = join(temporary.path, 'archive.tar');
  await run('tar', tarArguments(step, tree, archive), { signal: context.signal });
  const [user = 'root', group = 'root'] = step.owner.split(':');
  const to = shellQuote(step.to);
  // tar would take the number for a name that is not there.
  await context.session.check(
    [
      `getent passwd ${user} >/dev/null || { echo "no user ${user}" >&2; exit 1; }`,
      `getent group ${group} >/dev/null || { echo "no group ${group}" >&2; exit 1; }`,
      `[ -d ${to} ] || { mkdir -p ${to} && chown ${step.owner} ${to}; }`,
      // Folders that exist keep their owner and mode: a tree with an `etc` in it must not change /etc.
      `exec tar --extract --file - --directory ${to} --preserve-permissions --no-overwrite-dir`,
    ].join('\n'),
    { stdin: createReadStream(archive, { highWaterMark: 1 << 18 }) },
  );
};

const tarArguments = (step: Copy, tree: string, archive: string): string[] => {
  const [user = 'root', group = 'root'] = step.owner.split(':');
  return [
    ...['--create', '--file', archive],
    // Only what has this name, at any depth: a lock, a key and a bundle leave it out as well.
    ...['--no-anchored', '--no-wildcards', `--exclude=${VERSION_CONTROL}`],
    ...[`--owner=${user}:0`, `--group=${group}:0`, '--sort=name'],
    ...(step.mode === undefined ? [] : [`--mode=${treeMode(step.mode)}`]),
    ...['--directory', tree, '.'],
  ];
};

/** 0640 for files becomes 0750 for folders: who may read may enter. In the symbolic form that tar and chmod know. */
const treeMode = (mode: string): string => {
  const [user = '0', group = '0', others = '0'] = mode.slice(-3);
  const bits = (digit: string) =>
    ['r', 'w', 'x'].filter((_, index) => Number(digit) & (4 >> index)).join('') + (Number(digit) & 4 ? 'X' : '');
  return `a-rwx,u=${bits(user)},g=${bits(group)},o=${bits(others)}`;
};

const renderedTree = async (source: string, target: string, context: StepContext): Promise<string> => {
  // A link that the step names is followed; cp(3) would make one of its own, and the templates would be written through it.
  const root = await realpath(source);
  await cp(root, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => basename(path) !== VERSION_CONTROL || path === root,
  });
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const templates: StepTemplate[] = [];
  for (const path of paths)
    templates.push({ path: join(source, path.slice(target.length)), text: await readFile(path, 'utf8') });
  const rendered = renderTemplates(templates, context.variables);
  for (const [nth, path] of paths.entries()) await writeFile(path, rendered[nth] ?? '');
  return target;
};
