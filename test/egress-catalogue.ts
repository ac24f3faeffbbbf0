/** docs/egress-catalogue.md, made of the catalogue. */
import { CATALOGUE } from '../src/egress/catalogue/catalogue.ts';
import type { Entry, OffAction } from '../src/egress/catalogue/entry.ts';
import { EGRESS_CLASSES } from '../src/recipe/schema/telemetry-schema.ts';

const INTRODUCTION = `# What is known to send

Written by \`npm run generate\` from the catalogue (\`src/egress/catalogue/\`; \`ingot egress --catalogue --json\` prints it as data). What
each is for, and how it is used, says [egress.md](egress.md). An entry that is *unverified* has no source that can be cited yet: it is told, and
fails no policy.
`;

const ABOUT: Readonly<Record<Entry['class'], string>> = {
  telemetry: 'What it tells others of the machine or of its users.',
  'update-check': 'Whether there is something newer, and where.',
  time: 'What time it is.',
  dns: 'Names.',
  metadata: 'What a cloud says of its machines, and agents that take orders.',
  license: 'What is registered, subscribed or certified.',
  ads: 'News that nobody asked for.',
};

export const egressCatalogue = (): string => [INTRODUCTION, ...EGRESS_CLASSES.map(section)].join('\n');

const section = (kind: Entry['class']): string => {
  const entries = CATALOGUE.filter((entry) => entry.class === kind);
  return [
    `## ${kind}`,
    '',
    ABOUT[kind],
    '',
    '| id | what | sends | when | to | off | source |',
    '|---|---|---|---|---|---|---|',
    ...entries.map(row),
    '',
  ].join('\n');
};

const row = ({ id, title, sends, trigger, endpoints, off, advice, source }: Entry): string =>
  `| ${[
    `\`${id}\``,
    title,
    sends,
    trigger,
    endpoints
      .map(
        ({ host, address, mirror, protocol, userAgent }) =>
          host ?? address ?? (mirror ? 'mirrors of the image' : (protocol ?? userAgent ?? '')),
      )
      .join(', '),
    off.length > 0 ? off.map(offText).join('; ') : (advice ?? ''),
    source === undefined ? '*unverified*' : `${source.what} (${source.date})`,
  ]
    .map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('*.', '\\*.'))
    .join(' | ')} |`;

const offText = (action: OffAction): string => {
  switch (action.kind) {
    case 'mask':
      return `masks ${action.units.map((unit) => `\`${unit}\``).join(', ')}`;
    case 'write':
      return `writes \`${action.path}\``;
    case 'set':
      return `\`${action.key}="${action.value}"\` in \`${action.path}\``;
  }
};
