/** Rendered answers as text on the terminal or as files in a folder. Secrets are taken out of what is printed. */
import { join } from 'node:path';
import type { AnswerSet } from '../answers/answer-set.ts';
import { distributionOf } from '../distributions/find.ts';
import { writeFileWhole } from '../host/files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { isImage } from '../recipe/schema/origin-schema.ts';

type Rendered = Pick<AnswerSet, 'initrd' | 'installerArguments' | 'targetArguments'>;

export const renderText = async ({ recipe, secrets }: LoadedRecipe, answers: Rendered): Promise<string> => {
  const { implied } = (await distributionOf(recipe)).answers;
  const files = answers.initrd.map(({ path, content }) => `${heading(path)}${content.trimEnd()}\n`);
  const lines = implied?.(recipe).map(({ name, why }) => `${name.padEnd(24)} ${why}\n`);
  const text = [
    ...files,
    ...(isImage(recipe.origin)
      ? []
      : [
          `${heading('kernel arguments')}installer: ${answers.installerArguments.join(' ')}\nsystem:    ${answers.targetArguments.join(' ')}\n`,
          ...(lines === undefined ? [] : [`${heading('packages that the answers imply')}${lines.join('')}`]),
        ]),
  ];
  return secrets.redact(text.join('\n'));
};

const heading = (text: string): string => `==> ${text}\n`;

/** Secrets are in these files as the installer gets them, so they are readable by their owner only. */
export const writeRendered = async (folder: string, answers: Rendered): Promise<void> => {
  for (const { path, mode, content } of answers.initrd) {
    await writeFileWhole(join(folder, path), content, mode & 0o700);
  }
};
