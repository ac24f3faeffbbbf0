/**
 * The interpreter that a script names in its first line, and whether the system that a recipe makes can have it. Only what
 * is sure is reported: a package may bring an interpreter along, and so may an earlier step.
 */
import { FAMILY_RULES } from '../../distributions/recipe-rules.ts';
import { own } from '../../own.ts';
import { suggest } from '../../suggest.ts';
import type { Recipe } from '../schema.ts';
import { nameOfWish } from '../values/package-wish.ts';
import { argumentFault, type Shebang, shebangOf } from './shebang.ts';
import type { TextFault } from './text-fault.ts';

/** Packages by the interpreter that they bring; the first is the one in the message. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  ash: ['ash', 'busybox'],
  bats: ['bats'],
  csh: ['csh', 'tcsh'],
  expect: ['expect'],
  fish: ['fish'],
  gawk: ['gawk'],
  guile: ['guile-3.0'],
  ksh: ['ksh', 'ksh93u+m', 'mksh'],
  lua: ['lua5.4', 'lua5.3', 'lua5.1'],
  make: ['make'],
  mksh: ['mksh'],
  nft: ['nftables'],
  node: ['nodejs'],
  nodejs: ['nodejs'],
  php: ['php-cli', 'php'],
  'platform-python': ['platform-python'],
  python: ['python-is-python3'],
  python3: ['python3'],
  Rscript: ['r-base-core'],
  ruby: ['ruby'],
  tclsh: ['tcl'],
  tcsh: ['tcsh'],
  yash: ['yash'],
  zsh: ['zsh'],
};

/** Many packages depend on them: with any package in addition to the base system they may be there. */
const OFTEN_NEEDED = ['python3', 'ruby', 'node', 'nodejs', 'php', 'lua', 'tclsh', 'gawk', 'nft', 'make', 'guile'];

const FOLDERS = ['/bin/', '/usr/bin/'];

/** Where a step of this number runs `text`; undefined when nothing is known to be wrong. */
export const interpreterFault = (text: string, recipe: Recipe, index: number): TextFault | undefined => {
  const shebang = shebangOf(text);
  if (shebang === undefined) return undefined;
  const several = argumentFault(text);
  if (several !== undefined) return several;
  const { path, program } = shebang;
  const written = recipe.configure.slice(0, index).map((step) => JSON.stringify(step));
  if (
    recipe.configure.slice(0, index).some((step) => 'ansible' in step || ('run' in step && step.run.file !== undefined))
  )
    return undefined;
  if (written.some((step) => step.includes(path) || step.includes(program))) return undefined;
  if (!path.startsWith('/'))
    return { message: `the interpreter ${path} is not an absolute path`, hint: `Write \`#!/usr/bin/env ${path}\`.` };
  if (FAMILY_RULES[recipe.os.family].interpreters.includes(program)) return placeFault(shebang);
  const brings = own(PACKAGES, program) ?? [];
  const asked = recipe.answers.packages.map(nameOfWish);
  if (brings.some((name) => asked.includes(name))) return placeFault(shebang);
  if (program === 'python' && asked.length === 0)
    return { message: `the system has no ${program}`, hint: 'Python is called python3: `#!/usr/bin/python3`.' };
  if (program === 'python3' && impliesPython(recipe)) return placeFault(shebang);
  const others = asked.length > 0 || recipe.answers.tasks.length > 0;
  if (others && (brings.length === 0 || OFTEN_NEEDED.includes(program))) return undefined;
  return {
    message: `the system has no ${path.endsWith('/env') ? program : path}`,
    hint: brings.length === 0 ? unknownHint(program) : `The package ${brings[0]} has it: answers.packages.`,
  };
};

const impliesPython = ({ answers, configure }: Recipe): boolean =>
  answers.cloudInit || configure.some((step) => 'ansible' in step);

/** `/usr/local/bin/bash`, `/bin/env sh` of other systems. /bin is /usr/bin. */
const placeFault = ({ path, program }: Shebang): TextFault | undefined => {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  if (FOLDERS.includes(folder) || path === '/usr/libexec/platform-python') return undefined;
  return { message: `the system has no ${path}`, hint: `Write \`#!/usr/bin/${program}\`.` };
};

const unknownHint = (program: string): string => {
  const meant = suggest(program, [
    ...new Set([...Object.values(FAMILY_RULES).flatMap(({ interpreters }) => interpreters), ...Object.keys(PACKAGES)]),
  ]);
  return meant === undefined
    ? 'Name the package that has it in answers.packages, or install it in a step before.'
    : `Did you mean \`${meant}\`?`;
};
