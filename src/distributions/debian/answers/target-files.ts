/** Files of a Debian system as a recipe's answers say them, for one that is being installed and for one that is there already. */
import type { AnswerFile } from '../../../answers/answer-set.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { keyboardOf } from '../../../recipe/values/keyboard.ts';

type Answers = Recipe['answers'];

const file = (path: string, content: string): AnswerFile => ({ path, mode: 0o644, content });

export const nameFiles = ({ hostname, domain }: Answers): AnswerFile[] => {
  const names = domain === '' ? hostname : `${hostname}.${domain} ${hostname}`;
  return [
    file('etc/hostname', `${hostname}\n`),
    file(
      'etc/hosts',
      `127.0.0.1 localhost\n127.0.1.1 ${names}\n\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`,
    ),
  ];
};

/** keyboard(5) */
export const keyboardFiles = ({ keyboard }: Answers): AnswerFile[] => {
  const { layout, variant, model, options } = keyboardOf(keyboard);
  return [
    file(
      'etc/default/keyboard',
      `XKBMODEL="${model}"\nXKBLAYOUT="${layout}"\nXKBVARIANT="${variant}"\nXKBOPTIONS="${options.join(',')}"\n\nBACKSPACE="guess"\n`,
    ),
  ];
};

export const cloudFiles = ({ cloudDatasources }: Answers): AnswerFile[] => [
  file(
    'etc/cloud/cloud.cfg.d/90_ingot.cfg',
    `# What the recipe says.\ndatasource_list: [${cloudDatasources.join(', ')}]\n`,
  ),
];
