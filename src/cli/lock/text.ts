/** What `ingot lock` says: what a lock holds, and whether it fits. */
import { counted } from '../../counted.ts';
import type { Judgement } from '../../judgement.ts';
import { lockPathOf } from '../../recipe/lock-path.ts';
import type { LockedBuild } from '../../recipe/schema/lock-schema.ts';

/** One line. */
export const contentText = (build: LockedBuild): string =>
  withBelow(build)
    .map((layer, nth) => `${nth === 0 ? '' : `over ${layer.recipe}: `}${layerText(layer)}`)
    .join('; ');

const layerText = ({ archive, added, iso, image, files, request, below }: LockedBuild): string =>
  [
    archive ? `${archive.packages.length} packages from ${archive.suites.length} signed suites` : undefined,
    iso ? `ISO ${iso.name}` : undefined,
    image ? `image ${image.name}` : undefined,
    added ? counted(added.packages.length, 'added package') : undefined,
    counted(files.length, 'file of the host', 'files of the host'),
    below && request && request.install.length > 0
      ? `without ${request.install.join(', ')}, which the image below may lack`
      : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ');

/** The recipe's own part, then that of each recipe below it. */
export const withBelow = (build: LockedBuild): LockedBuild[] => [
  build,
  ...(build.below === undefined ? [] : withBelow(build.below)),
];

const VERDICTS = { holds: 'fits', fails: 'does not fit', unjudged: 'could not be judged' } as const;

export const judgementText = ({ verdict, facts, found }: Judgement, path: string): string =>
  [
    `${lockPathOf(path)} ${VERDICTS[verdict]}`,
    ...facts.map((fact) => `  ${fact}`),
    ...found.map(({ where, message }) => `  ${where === undefined ? '' : `${where}: `}${message}`),
    ...[...new Set(found.flatMap(({ hint }) => hint ?? []))].map((hint) => `  hint: ${hint}`),
    '',
  ].join('\n');
