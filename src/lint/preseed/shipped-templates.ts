/** The templates that come with Ingot, for when no ISO is given: `preseed/templates/debian-*.json`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { projectFolder } from '../../host/project.ts';
import type { Component, Template, TemplateSet } from './templates.ts';

/** Releases by number, and their names. */
export const RELEASES: Readonly<Record<string, string>> = { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' };

interface Shipped {
  readonly release: string;
  readonly date: string;
  readonly components: Readonly<Record<string, Component>>;
  readonly questions: Readonly<Record<string, Omit<Template, 'name'>>>;
}

/** By number or name (`12`, `12.8`, `bookworm`, `debian-12`). Throws `usage.release` for any other. */
export const shippedTemplates = async (release: string): Promise<TemplateSet> => {
  const word = release.toLowerCase().replace(/^debian[- ]?/, '');
  const number = Object.keys(RELEASES).find(
    (key) => word === key || word.startsWith(`${key}.`) || RELEASES[key] === word,
  );
  if (number === undefined)
    throw new IngotError('usage.release', `there are no templates of ${release}`, {
      hint: `Known are Debian ${Object.entries(RELEASES)
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
