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

const layerText = (layer: LockedBuild): string => {
  const { archive, added, iso, image, files } = layer;
  const notHeld = packagesNotHeld(layer);
  return [
    archive ? `${archive.packages.length} packages from ${archive.suites.length} signed suites` : undefined,
    iso ? `ISO ${iso.name}` : undefined,
    image ? `image ${image.name}` : undefined,
    added ? counted(added.packages.length, 'added package') : undefined,
    counted(files.length, 'file of the host', 'files of the host'),
    notHeld.length === 0 ? undefined : `without ${notHeld.join(', ')}, which the image below may lack`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
};

/**
 * What a recipe wants over the image of another one that begins with an installation: it is chosen when that image is there, so
 * no lock holds it, and no bundle.
 */
const packagesNotHeld = (layer: LockedBuild): readonly string[] =>
  layer.below === undefined || withBelow(layer).at(-1)?.image !== undefined ? [] : (layer.request?.install ?? []);

/** For who carries a bundle to where no network is; empty when all is in it. */
export const notHeldText = (build: LockedBuild): string =>
  withBelow(build)
    .filter((layer) => packagesNotHeld(layer).length > 0)
    .map(
      (layer) =>
        `note: no lock holds ${packagesNotHeld(layer).join(', ')}. Where the image of ${layer.below?.recipe} lacks them a rebuild stops: install them in that recipe.\n`,
    )
    .join('');

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
