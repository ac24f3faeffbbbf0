/** docs/trust-rules.md, made of the rules themselves. */
import { AMENDMENTS } from '../../src/distributions/debian/trust/amendments.ts';
import type { DebianRule } from '../../src/distributions/debian/trust/debian-rule.ts';
import { MADE_MEMBERS } from '../../src/distributions/debian/trust/initramfs.ts';
import { RULES } from '../../src/distributions/debian/trust/rules.ts';

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const places = (path: DebianRule['path']): string =>
  path instanceof RegExp ? code(path.source.replaceAll('\\/', '/')) : path.map(code).join(' ');
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const ruleRow = ({ name, reason, path, type = 'file', checks }: DebianRule): string =>
  row(name, type, places(path), reason, checks ?? '**not read**');

const amended = ({ owner, mode, attributes }: (typeof AMENDMENTS)[number]): string =>
  [owner, mode?.toString(8), ...Object.keys(attributes ?? {})].filter((part) => part !== undefined).join(', ');

export const rulesPage = async (): Promise<string> =>
  [
    '# Files that no package has',
    '',
    'The closed list of [the check of files](trust.md), for Debian. Written by `npm run generate` from the rules themselves.',
    '',
    'A file counts as accounted for when its path is one of these, when kind, mode and owner are as the rule says (files 0644, folders 0755,',
    'root’s, without attributes, unless a rule says otherwise), and when its content is what the last column says. **Not read** means that',
    'place, kind, mode and owner are all that is judged; `ingot verify` then holds the content against what the build wrote down in `trust.json`.',
    '',
    '## Made on the system',
    '',
    row('rule', 'kind', 'where', 'what makes it', 'what is compared'),
    row('---', '---', '---', '---', '---'),
    ...RULES.filter((rule) => rule.class !== 'ingot').map(ruleRow),
    '',
    '## Written by Ingot',
    '',
    row('rule', 'kind', 'where', 'what for', 'what is compared'),
    row('---', '---', '---', '---', '---'),
    ...RULES.filter((rule) => rule.class === 'ingot').map(ruleRow),
    '',
    '## Files of packages that their scripts change',
    '',
    row('path', 'becomes', 'by'),
    row('---', '---', '---'),
    ...AMENDMENTS.map((one) => row(code(one.path), amended(one), one.by)),
    '',
    '## Members of an initramfs that no package has',
    '',
    row('member', 'what makes it', 'what is compared'),
    row('---', '---', '---'),
    ...MADE_MEMBERS.map(({ path, reason, text }) =>
      row(code(path.source.replaceAll('\\/', '/')), reason, text === undefined ? '**not read**' : 'its whole text'),
    ),
    '',
  ].join('\n');
