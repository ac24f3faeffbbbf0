/** The templates that come with Ingot, for when no ISO is given: `preseed/templates/debian-*.json`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { projectFolder } from '../../host/project.ts';
import { DEBIAN_RELEASES } from '../../recipe/values/debian-releases.ts';
import { lintedDebianRelease } from './release.ts';
import type { Template, TemplateComponent, TemplateSet } from './templates.ts';

interface Shipped {
  readonly release: string;
  readonly date: string;
  readonly components: Readonly<Record<string, TemplateComponent>>;
  readonly questions: Readonly<Record<string, Omit<Template, 'name'>>>;
}

/** By number or name (`12`, `12.8`, `bookworm`, `debian-12`). Throws `usage.release` for any other. */
export const shippedTemplates = async (release: string): Promise<TemplateSet> => {
  const number = lintedDebianRelease(release);
  if (number === undefined)
    throw new IngotError('usage.release', `there are no templates of ${release}`, {
      hint: `Known are Debian ${Object.entries(DEBIAN_RELEASES)
        .map(([key, name]) => `${key} (${name})`)
        .join(', ')}; or give the installer with --iso.`,
    });
  const path = join(projectFolder, 'preseed', 'templates', `debian-${number}.json`);
  const shipped: Shipped = JSON.parse(await readFile(path, 'utf8'));
  return {
    release: shipped.release,
    date: shipped.date,
    components: new Map(Object.entries(shipped.components)),
    questions: new Map(Object.entries(shipped.questions).map(([name, rest]) => [name, { name, ...rest }])),
  };
};
