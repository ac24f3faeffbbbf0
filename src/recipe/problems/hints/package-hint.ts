/** Packages as control files, dnf and shells write them. */
import { type Hint, write } from './hint.ts';

export const packageHint: Hint = (value) => {
  const word = value.trim();
  const [, name = '', operator, version = ''] =
    /^([A-Za-z0-9+._-]+)\s*\(?\s*(>=|<=|>>|<<|==?|>|<|~=?)\s*([^\s)]+)\)?$/.exec(word) ?? [];
  if (operator !== undefined)
    return /^=/.test(operator)
      ? write(`${name}=${version}`)
      : `A version is one, or a pattern: \`${name}=${version.split('.').slice(0, 2).join('.')}*\`; without one it is the newest.`;
  if (/\.(deb|rpm)$/.test(word)) return 'A file is added with `media.packages: [{deb: PATH}]`.';
  if (/^(snap|flatpak|pip|npm|gem|docker):/.test(word))
    return 'Packages of other package managers are installed by a step.';
  const [, before = word, arch] = /^(.+):(amd64|all|any|native)$/.exec(word) ?? [];
  if (arch !== undefined) return write(before);
  if (/:[a-z0-9]+$/.test(word)) return 'A step can install packages of another architecture.';
  if (/^@/.test(word)) return `Groups are named in answers.tasks: \`${word.replace(/^@\^?/, '')}\`.`;
  if (/\^$/.test(word)) return `Tasks are named in answers.tasks: \`${word.slice(0, -1)}\`.`;
  // `apt install -t bookworm-backports cockpit`
  const [, suite, target] = /^(?:.*\s)?-t\s*(\S+)(?:\s+(\S+))?$/.exec(word) ?? [];
  const wished = target ?? /^(\S+)\s+-t/.exec(word)?.[1];
  if (suite !== undefined && wished !== undefined) return write(`${wished}/${suite}`);
  if (/^-|-$/.test(word)) return 'A step can remove a package.';
  const parts = word.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length > 1) return `One package is one entry: [${parts.join(', ')}].`;
  if (/[*?[\]]/.test(word) && !/[=/]/.test(word)) return 'Patterns are for versions; packages are named one by one.';
  const lower = word.toLowerCase().replaceAll('_', '-');
  return lower !== word && /^[a-z0-9][a-z0-9+.-]+$/.test(lower) ? write(lower) : undefined;
};
