/** The pipelines that come with Ingot: files of ci/, in which a recipe and the host's packages are put. */
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { projectFolder } from '../../host/project.ts';
import { hostPackages, OF_ONE_KIND } from '../../host/tools.ts';

/** Their text, and where the system looks for it. */
export const PIPELINES = {
  gitlab: { text: 'gitlab.yml', file: '.gitlab-ci.yml' },
  github: { text: 'github.yml', file: '.github/workflows/image.yml' },
  jenkins: { text: 'jenkins.groovy', file: 'Jenkinsfile' },
} as const;

/** Throws `usage.recipe-path` for a path that no pipeline would find, or that would need quotes in a shell. */
export const pipelineText = async (system: keyof typeof PIPELINES, recipe: string): Promise<string> => {
  if (!/^(?!\/|\.\.?\/\.\.)[A-Za-z0-9._/+-]+$/.test(recipe) || recipe.split('/').includes('..'))
    throw new IngotError('usage.recipe-path', `a pipeline cannot name the recipe ${recipe}`, {
      hint: 'Name it relative to the folder of the repository, in letters, digits and . _ + - only: images/web.yaml',
    });
  const text = await readFile(join(projectFolder, 'ci', PIPELINES[system].text), 'utf8');
  const values: Readonly<Record<string, string>> = {
    RECIPE: recipe,
    NAME: basename(recipe, extname(recipe)),
    PACKAGES: (await neededPackages()).join(' '),
  };
  return text.replaceAll(/@(RECIPE|NAME|PACKAGES)@/g, (_, name: string) => values[name] ?? '');
};

const neededPackages = async (): Promise<string[]> =>
  (await hostPackages())
    .filter(({ neededFor }) => neededFor !== 'test' && !OF_ONE_KIND.has(neededFor))
    .map(({ name }) => name);
