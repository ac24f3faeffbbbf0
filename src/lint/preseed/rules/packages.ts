/** Names of packages to install. */
import type { Rule } from '../../rule.ts';
import { shownValue } from '../check.ts';
import { formCheck, wordsOf } from './form.ts';

const packageName: Rule = {
  name: 'preseed/package-name',
  severity: 'error',
  summary: 'A word that no package can have for a name: apt installs none of them, and the installer stops.',
  source: 'Debian Policy, 5.6.1 (Source) and 5.6.7 (Package); apt-get(8)',
  bad: 'd-i pkgsel/include string OpenSSH-server\n',
  good: 'd-i pkgsel/include string openssh-server\n',
};

/** A pattern or a regular expression of apt, an option, a file. */
const OTHER = /^[-~?!./]|[*?[\]()|^$\\{}]/;

export const packages = formCheck([
  {
    rule: packageName,
    question: 'pkgsel/include',
    fault(value) {
      const part = wordsOf(value.replaceAll(',', ' ')).find((word) => {
        const [name = ''] = word.split(/[=:/]/, 1);
        return !OTHER.test(word) && !/^[a-z0-9][a-z0-9+.-]+$/.test(name);
      });
      return part === undefined ? undefined : { message: `${shownValue(part)} is no name of a package`, part };
    },
  },
]);
