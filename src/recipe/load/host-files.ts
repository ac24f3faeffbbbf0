/** The files that a recipe names: whether they are there, and the content of the small ones that shape the answers. */
import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { FAMILY_RULES } from '../../distributions/recipe-rules.ts';
import { messageOf } from '../../errors.ts';
import { isKeyring } from '../../formats/signatures/armor.ts';
import { specialKind, VERSION_CONTROL } from '../../host/look-at.ts';
import type { Path, Problem } from '../problems/problem.ts';
import type { SshKey } from '../schema/account-schema.ts';
import type { Script } from '../schema/answers-schema.ts';
import { isIso, localImage, localIso, parentOf, sumsOf } from '../schema/origin-schema.ts';
import type { Recipe } from '../schema.ts';
import { textFault } from '../scripts/text-fault.ts';
import { sshKeyHint, sshPublicKey } from '../values/ssh-key.ts';
import { movedFile } from './moved-files.ts';

/** Where a path in a recipe lies on the host: below the home folder, absolute, or beside the recipe; of a bundle's recipe, where it was unpacked. */
export const hostFile = (folder: string, path: string, home = homedir()): string =>
  movedFile(folder, path) ?? (path.startsWith('~/') ? join(home, path.slice(2)) : resolve(folder, path));

interface Reference {
  readonly path: Path;
  readonly file: string;
  readonly kind: 'file' | 'origin' | 'file or folder' | 'public key' | 'installer script' | 'keyring';
}

/** Every file the recipe names, secrets excepted. */
export const hostFileReferences = ({ origin, answers, configure, media, tests }: Recipe): Reference[] => {
  const references: Reference[] = [];
  const add = (kind: Reference['kind'], file: string | undefined, ...path: Path): void => {
    if (file !== undefined) references.push({ kind, file, path });
  };
  if (!isIso(origin)) add('keyring', origin.keyring, 'origin', 'keyring');
  else
    for (const [index, key] of origin.packageKeys?.entries() ?? []) add('keyring', key, 'origin', 'packageKeys', index);
  add('origin', localIso(origin), 'origin', 'iso');
  add('origin', localImage(origin), 'origin', 'image');
  add('file', parentOf(origin)?.recipe, 'origin', 'image', 'recipe');
  const sums = sumsOf(origin);
  add('file', sums?.file, 'origin', 'sums', 'file');
  add('file', sums?.signature?.file, 'origin', 'sums', 'signature', 'file');
  add('keyring', sums?.keyring, 'origin', 'sums', 'keyring');
  const addKeys = (keys: readonly SshKey[], ...path: Path): void => {
    for (const [index, key] of keys.entries())
      if (typeof key === 'object') add('public key', key.file, ...path, 'sshKeys', index, 'file');
  };
  addKeys(answers.root.sshKeys, 'answers', 'root');
  for (const [index, user] of answers.users.entries()) addKeys(user.sshKeys, 'answers', 'users', index);
  for (const [index, { key }] of answers.repositories?.entries() ?? [])
    add('keyring', key, 'answers', 'repositories', index, 'key');
  for (const name of ['early', 'late'] as const)
    add('installer script', scriptFile(answers[name]), 'answers', name, 'file');
  add('file', answers.template?.file, 'answers', 'template', 'file');
  for (const [index, { from }] of media.files.entries()) add('file or folder', from, 'media', 'files', index, 'from');
  for (const [index, extra] of media.packages.entries())
    if ('repository' in extra) add('keyring', extra.repository.key, 'media', 'packages', index, 'repository', 'key');
  add('file', media.signingKey, 'media', 'signingKey');
  for (const [index, step] of configure.entries()) {
    if ('copy' in step) add('file or folder', step.copy.from, 'configure', index, 'copy', 'from');
    if ('run' in step) add('file', step.run.file, 'configure', index, 'run', 'file');
    if ('ansible' in step) add('file', step.ansible.playbook, 'configure', index, 'ansible', 'playbook');
  }
  for (const [index, check] of tests?.checks.entries() ?? []) {
    if ('suite' in check) add('file', check.suite.file, 'tests', 'checks', index, 'suite');
    if ('goss' in check) add('file', check.goss, 'tests', 'checks', index, 'goss');
    if ('openscap' in check)
      for (const name of ['datastream', 'tailoring'] as const)
        add('file', check.openscap[name], 'tests', 'checks', index, 'openscap', name);
  }
  return references;
};

const scriptFile = (script: Script | undefined): string | undefined =>
  script !== undefined && 'file' in script ? script.file : undefined;

export interface HostFiles {
  /** Content of the files that go into the answers, by the path as the recipe has it. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
}

/** Looks at every file the recipe names and reads the ones that become part of the answers. */
export const readHostFiles = async (recipe: Recipe, folder: string): Promise<HostFiles> => {
  const contents = new Map<string, Uint8Array>();
  const problems: Problem[] = [];
  for (const reference of hostFileReferences(recipe)) {
    const found = await look(hostFile(folder, reference.file), reference.kind);
    if (typeof found === 'string') problems.push({ path: reference.path, message: found });
    else if (found) {
      contents.set(reference.file, found);
      const wrong = contentProblem(reference.kind, found, recipe.os);
      if (wrong !== undefined) problems.push({ path: reference.path, ...wrong });
    }
  }
  return { contents, problems };
};

const READ: readonly Reference['kind'][] = ['public key', 'installer script', 'keyring'];
const LARGEST = 4 * 2 ** 20;

/** The content where it is needed, or a text that says what is wrong. */
const look = async (file: string, kind: Reference['kind']): Promise<Uint8Array | string | undefined> => {
  try {
    const info = await stat(file);
    if (info.isDirectory() && kind !== 'file or folder') return `expected a file, ${file} is a folder`;
    const special = specialKind(info);
    if (special !== undefined && kind !== 'origin') return `expected a ${kind}, ${file} is ${special}`;
    await access(file, constants.R_OK);
    if (kind === 'file or folder' && info.isDirectory()) return await specialIn(file);
    if (!READ.includes(kind)) return undefined;
    return info.size > LARGEST ? `${file} is larger than 4M` : await readFile(file);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? `there is no ${kind === 'origin' ? 'file' : kind} at ${file}`
      : `cannot be read: ${messageOf(error)}`;
  }
};

/** Before anything of it is opened, which would wait for good. */
const specialIn = async (folder: string): Promise<string | undefined> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const special = specialKind(entry);
    if (special !== undefined && !entry.parentPath.split(sep).includes(VERSION_CONTROL))
      return `${join(entry.parentPath, entry.name)} is ${special}, and no file, folder or link`;
  }
  return undefined;
};

type Wrong = Pick<Problem, 'message' | 'hint'>;

const contentProblem = (kind: Reference['kind'], content: Uint8Array, os: Recipe['os']): Wrong | undefined => {
  if (kind === 'keyring')
    return isKeyring(content)
      ? undefined
      : {
          message: 'expected an OpenPGP keyring, armored or binary',
          hint: textFault(content, 'KEYRING', { isScript: false })?.hint,
        };
  if (kind !== 'installer script') return kind === 'public key' ? keyFileProblem(content) : undefined;
  // Encoding and line endings are looked at with all other scripts.
  if (textFault(content, '', { isScript: true }) !== undefined) return undefined;
  const message = scriptProblem(new TextDecoder().decode(content), os);
  return message === undefined ? undefined : { message };
};

const keyFileProblem = (content: Uint8Array): Wrong | undefined => {
  const text = new TextDecoder().decode(content);
  const fault = textFault(content, 'KEY.pub', { isScript: false });
  // A byte order mark is left out when the keys are read.
  if (fault?.message.includes('UTF-16')) return fault;
  if (/PRIVATE KEY-----|^PuTTY-User-Key-File/.test(text))
    return { message: 'a private key; expected its .pub file', hint: sshKeyHint(text) };
  const lines = publicKeyLines(text);
  if (lines.length === 0) return { message: 'there is no key in the file' };
  const whole = /^\s*-----?\s?BEGIN/.test(text) ? sshKeyHint(text) : undefined;
  if (whole !== undefined) return { message: 'the file is not one of OpenSSH public keys', hint: whole };
  const wrong = lines.findIndex((line) => !sshPublicKey.safeParse(line).success);
  if (wrong < 0) return undefined;
  const hint = sshKeyHint(lines[wrong] ?? '');
  return { message: `key ${wrong + 1} of the file is not an OpenSSH public key`, hint };
};

/** The keys of an authorized_keys or .pub file: comments and empty lines left out. */
export const publicKeyLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** What is wrong with a script for the installer, by its first line. */
export const scriptProblem = (text: string, { family }: Recipe['os']): string | undefined => {
  const [, interpreter] = /^#!\s*(\S+)/.exec(text) ?? [];
  if (text.includes('\0')) return 'expected a shell script, found a binary file';
  return interpreter === undefined ? undefined : FAMILY_RULES[family].installerScript(interpreter);
};
