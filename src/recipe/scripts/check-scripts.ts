/**
 * Looks into the scripts, templates and playbooks that a recipe names or holds, for what would stop their interpreters
 * in the guest, an hour later and with an unclear message.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { hostFile, scriptProblem } from '../load/host-files.ts';
import type { Path, Problem } from '../problems/problem.ts';
import type { ConfigureStep } from '../schema/configure-schema.ts';
import type { Recipe } from '../schema.ts';
import { beginningOf, filesBelow, isReadByLine } from './copied-files.ts';
import { interpreterFault } from './interpreter.ts';
import { aimFault } from './playbook-aim.ts';
import { type PlaybookParts, playbookParts } from './playbook-files.ts';
import { otherLanguageFault, shebangOf } from './shebang.ts';
import { looksLikeScript, type TextUse, textFault } from './text-fault.ts';

/** Larger ones are data. */
const LARGEST = 4 * 2 ** 20;

export const checkScripts = async (recipe: Recipe, folder: string): Promise<Problem[]> => {
  const problems: Problem[] = [];
  const file = async (name: string, path: Path, use: TextUse) => {
    const content = await contentOf(hostFile(folder, name));
    if (content !== undefined) problems.push(...faultOf(content, name, path, use));
    return content;
  };
  const { early, late, template } = recipe.answers;
  for (const [name, script] of Object.entries({ early, late })) {
    const path: Path = ['answers', name];
    if (script === undefined) continue;
    if ('file' in script) await file(script.file, [...path, 'file'], SCRIPT);
    else {
      const message = scriptProblem(script.script, recipe.os);
      const at = [...path, 'script'];
      problems.push(...inline(script.script, at), ...(message === undefined ? [] : [{ path: at, message }]));
    }
  }
  if (template !== undefined) await file(template.file, ['answers', 'template', 'file'], TEMPLATE);
  for (const [index, step] of recipe.configure.entries())
    problems.push(...(await checkStep(step, index, { recipe, folder })));
  for (const [index, check] of recipe.tests?.checks.entries() ?? [])
    if ('suite' in check) {
      const path: Path = ['tests', 'checks', index, 'suite'];
      problems.push(...(await checkFile(check.suite.file, recipe.configure.length, path, { recipe, folder })));
    }
  return problems;
};

const SCRIPT: TextUse = { isScript: true };
const TEXT: TextUse = { isScript: false };
const TEMPLATE: TextUse = { isScript: false, isDecoded: true };

interface Around {
  readonly recipe: Recipe;
  readonly folder: string;
}

const checkStep = async (step: ConfigureStep, index: number, around: Around): Promise<Problem[]> => {
  const { recipe, folder } = around;
  const at = (...rest: Path): Path => ['configure', index, ...rest];
  if ('run' in step) {
    const { script, file } = step.run;
    if (script !== undefined) {
      const path = at('run', 'script');
      const text = inline(script, path);
      return text.length > 0 ? text : interpreterProblem(script, recipe, index, path);
    }
    return file === undefined ? [] : await checkFile(file, index, at('run', 'file'), around);
  }
  if ('ansible' in step)
    return await checkPlaybook(hostFile(folder, step.ansible.playbook), {
      recipe,
      index,
      path: at('ansible', 'playbook'),
    });
  return 'copy' in step ? await checkCopy(step.copy, at('copy'), folder) : [];
};

/** A script of the user's that runs after `index` steps. */
const checkFile = async (file: string, index: number, path: Path, { recipe, folder }: Around): Promise<Problem[]> => {
  const content = await contentOf(hostFile(folder, file));
  if (content === undefined) return [];
  const other = otherLanguageFault(content, file);
  const text = faultOf(content, file, path, SCRIPT);
  // UTF-16 has zeros, too.
  if (text.length === 0 && other !== undefined) return [{ path, ...other }];
  return text.length > 0 ? text : interpreterProblem(new TextDecoder().decode(content), recipe, index, path);
};

const interpreterProblem = (text: string, recipe: Recipe, index: number, path: Path): Problem[] => {
  const fault = interpreterFault(text, recipe, index);
  return fault === undefined ? [] : [{ path, ...fault }];
};

/** Ansible reads YAML with any line endings; what it hands to the guest goes there as it is. */
interface Playing {
  readonly recipe: Recipe;
  /** Of the step. */
  readonly index: number;
  readonly path: Path;
}

const checkPlaybook = async (playbook: string, { recipe, index, path }: Playing): Promise<Problem[]> => {
  const content = await contentOf(playbook);
  const own = content === undefined ? [] : faultOf(content, basename(playbook), path, TEXT);
  if (own.length > 0 || content === undefined) return own;
  const aim = aimFault(new TextDecoder().decode(content));
  const problems: Problem[] = aim === undefined ? [] : [{ path, ...aim }];
  const parts = await playbookParts(playbook);
  for (const { path: file, module } of parts.files) {
    const taken = await contentOf(file);
    if (taken === undefined || !(module === 'template' || looksLikeScript(taken))) continue;
    const name = relative(dirname(playbook), file);
    const found = faultOf(taken, name, path, { isScript: looksLikeScript(taken) });
    const isRun = module === 'script' && found.length === 0;
    problems.push(
      ...named(name, isRun ? playedProblem(new TextDecoder().decode(taken), parts, { recipe, index, path }) : found),
    );
  }
  return problems;
};

/** A task before it may bring the interpreter: then its name stands in one, or in what is not at hand. */
const playedProblem = (
  script: string,
  { text, isWhole }: PlaybookParts,
  { recipe, index, path }: Playing,
): Problem[] => {
  const program = shebangOf(script)?.program;
  return program === undefined || !isWhole || text.includes(program)
    ? []
    : interpreterProblem(script, recipe, index, path);
};

const named = (name: string, problems: readonly Problem[]): Problem[] =>
  problems.map((one) => ({ ...one, message: `${name}: ${one.message}` }));

type Copy = Extract<ConfigureStep, { copy: unknown }>['copy'];

/** Of copied files only scripts, templates and what is read line by line are checked: other files may be meant that way. */
const checkCopy = async (copy: Copy, path: Path, folder: string): Promise<Problem[]> => {
  const { from, content, to } = copy;
  if (typeof content === 'string')
    return content.startsWith('#!') || isReadByLine(to) ? inline(content, [...path, 'content']) : [];
  if (from === undefined) return [];
  const source = hostFile(folder, from);
  const inside = await filesBelow(source);
  if (inside === undefined) return await checkCopied(source, from, to, { copy, path: [...path, 'from'] });
  const problems: Problem[] = [];
  for (const name of inside) {
    const found = await checkCopied(join(source, name), join(from, name), join(to, name), {
      copy,
      path: [...path, 'from'],
    });
    problems.push(...named(name, found));
    if (problems.length >= MOST_TOLD) break;
  }
  return problems;
};

/** Of one folder. */
const MOST_TOLD = 10;

const checkCopied = async (
  file: string,
  name: string,
  to: string,
  { copy, path }: { readonly copy: Copy; readonly path: Path },
): Promise<Problem[]> => {
  const wanted = copy.template || isReadByLine(to) || looksLikeScript(await beginningOf(file));
  const bytes = wanted ? await contentOf(file) : undefined;
  if (bytes === undefined) return [];
  return faultOf(bytes, name, path, {
    isScript: isReadByLine(to) || looksLikeScript(bytes),
    isDecoded: copy.template,
  });
};

const faultOf = (content: Uint8Array, name: string, path: Path, use: TextUse): Problem[] => {
  const fault = textFault(content, name, use);
  return fault === undefined ? [] : [{ path, ...fault }];
};

/** YAML turns all line endings into one kind; others come from an escape in quotation marks. */
const inline = (text: string, path: Path): Problem[] => {
  const hint = 'Write it as a block: `script: |` and the lines below it.';
  return textFault(Buffer.from(text), '', SCRIPT) === undefined
    ? []
    : [{ path, message: 'a line ends in CR LF, or a byte order mark stands first', hint }];
};

/** Nothing for a folder, for a file that is missing or cannot be read (reported elsewhere), and for one that is too large. */
const contentOf = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    const info = await stat(path);
    return info.isFile() && info.size <= LARGEST ? await readFile(path) : undefined;
  } catch {
    return undefined;
  }
};
