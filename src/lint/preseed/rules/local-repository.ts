/** Repositories of one's own: apt-setup/local0 to local9. */
import type { Rule } from '../../rule.ts';
import { type Check, given, hasPlaceholder, meant, shownValue, valued } from '../check.ts';
import { wordsOf } from './form.ts';

const key: Rule = {
  name: 'preseed/repository-key',
  severity: 'error',
  summary: 'The key of a repository is fetched from an address, or given as base64://; where it cannot be got it asks.',
  source: 'generators/60local of apt-setup; installation guide, appendix B.4.9',
  bad: 'd-i apt-setup/local0/key string repository.gpg\n',
  good: 'd-i apt-setup/local0/key string http://192.0.2.1/repository.gpg\n',
};

const form: Rule = {
  name: 'preseed/repository-line',
  severity: 'error',
  summary:
    'A repository is an address with a suite and components after it; apt reads no list with another line in it.',
  source: 'sources.list(5); installation guide, appendix B.4.9',
  bad: 'd-i apt-setup/local0/repository string 192.0.2.1/debian stable main\n',
  good: 'd-i apt-setup/local0/repository string http://192.0.2.1/debian stable main\n',
};

export const localRepositories: Check = {
  rules: [key, form],
  look(file, report) {
    for (const answer of valued(file)) {
      const value = meant(answer.value.text);
      const [, number, what] = /^apt-setup\/local(\d)\/(repository|key)$/.exec(answer.question.text) ?? [];
      if (value === '' || hasPlaceholder(value)) continue;
      if (what === 'key' && !/^[a-z0-9-]+:\/\/\S+$/i.test(value))
        report(key, answer.placeInValue(0, value.length), `${shownValue(value)} is no address of a key`, {
          hint: 'Write `http://…`, or `base64://` and the key.',
        });
      if (what === 'repository') {
        const [address = '', suite] = wordsOf(value.replace(/^deb\s+/, '').replace(/^\[[^\]]*\]\s*/, ''));
        if (!/^[a-z0-9+.-]+:/i.test(address) || suite === undefined)
          report(form, answer.placeInValue(0, value.length), `${shownValue(value)} is no line of sources.list`, {
            hint: 'An address, a suite and components: `http://192.0.2.1/debian stable main`.',
          });
      }
      if (what !== 'repository' || /\[[^\]]*(trusted|signed-by)=/.test(value)) continue;
      const without = given(file, `apt-setup/local${number}/key`) === undefined;
      if (without && given(file, 'debian-installer/allow_unauthenticated') !== 'true')
        report(key, answer.question, 'this repository has no key', {
          severity: 'info',
          hint: `Give \`apt-setup/local${number}/key\`, unless a key of Debian has signed it: it would be left out.`,
        });
    }
  },
};
