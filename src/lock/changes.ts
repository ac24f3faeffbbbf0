/** What differs between two locks of a build, as a changelog tells it: packages with their versions, sources, files. */
import type { LockedBuild, LockedNamedFile } from '../recipe/schema/lock-schema.ts';

export interface LockChange {
  /** `package`, `component`, `part`, `added`, `suite`, `iso`, `image`, `file`, `installer`, `request`. */
  readonly kind: string;
  readonly name: string;
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/** In the order of a lock; of a recipe below with its name in front. */
export const lockChanges = (before: LockedBuild | undefined, now: LockedBuild): LockChange[] => [
  ...byName('suite', suites(before), suites(now)),
  ...byName('package', packages(before?.archive?.packages), packages(now.archive?.packages)),
  ...byName('component', packages(before?.archive?.udebs), packages(now.archive?.udebs)),
  ...byName('part', packages(before?.archive?.parts), packages(now.archive?.parts)),
  ...byName('added', packages(before?.added?.packages), packages(now.added?.packages)),
  ...byName('iso', file(before?.iso), file(now.iso)),
  ...byName('image', file(before?.image), file(now.image)),
  ...byName('file', files(before?.files), files(now.files)),
  ...byName('installer', installer(before), installer(now)),
  ...byName('request', request(before), request(now)),
  ...(now.below === undefined && before?.below === undefined
    ? []
    : below(before?.below, now.below).map((change) => ({ ...change, name: `below: ${change.name}` }))),
];

const below = (before: LockedBuild | undefined, now: LockedBuild | undefined): LockChange[] =>
  now === undefined
    ? [{ kind: 'recipe', name: before?.recipe ?? '', before: 'locked', now: undefined }]
    : lockChanges(before, now);

type Named = ReadonlyMap<string, string>;

const byName = (kind: string, before: Named, now: Named): LockChange[] =>
  [...new Set([...before.keys(), ...now.keys()])]
    .sort()
    .map((name) => ({ kind, name, before: before.get(name), now: now.get(name) }))
    .filter((change) => change.before !== change.now);

const short = (digest: string): string => `${digest.slice(0, 12)}…`;

/** One name can be there in two versions; another file of the same version is a change too. */
const packages = (
  all: readonly { readonly name: string; readonly version: string; readonly sha256: string }[] | undefined = [],
): Named => {
  const grouped = Map.groupBy(all, ({ name }) => name);
  return new Map(
    [...grouped].map(([name, same]) => [
      name,
      same
        .map((one) => `${one.version}\0${one.sha256}`)
        .sort()
        .join(', '),
    ]),
  );
};

const suites = (build: LockedBuild | undefined): Named =>
  new Map(build?.archive?.suites.map(({ name, date, inRelease }) => [name, `${date} ${short(inRelease.sha256)}`]));

const file = (one: LockedBuild['iso']): Named => new Map(one === undefined ? [] : [[one.name, short(one.sha256)]]);

const files = (all: readonly LockedNamedFile[] = []): Named =>
  new Map(
    all.map(({ at, path, kind, mode, sha256, target }) => [
      `${path} (${at})`,
      kind === 'link' ? `link to ${target}` : `${kind === 'file' && sha256 ? short(sha256) : kind} ${mode}`,
    ]),
  );

const installer = (build: LockedBuild | undefined): Named =>
  new Map(
    build === undefined
      ? []
      : [
          ['hooks', short(build.hooks)],
          ...(build.archive === undefined
            ? []
            : [
                [
                  'kernel',
                  `${build.archive.installer.kernelRelease} ${short(build.archive.installer.kernel.sha256)}`,
                ] as const,
                ['initrd', short(build.archive.installer.initrd.sha256)] as const,
                [
                  'stand-ins',
                  `${build.archive.standIns.map(({ name }) => name).join(' ')} ${short(build.archive.components)}`,
                ] as const,
              ]),
        ],
  );

const request = (build: LockedBuild | undefined): Named =>
  new Map(
    build?.request === undefined
      ? []
      : Object.entries(build.request).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : value.join(' '),
        ]),
  );

/** `libssl3 3.0.11-1 → 3.0.15-1`; one line. */
export const changeLine = ({ kind, name, before, now }: LockChange): string => {
  const sign = before === undefined ? '+' : now === undefined ? '-' : ' ';
  return `${sign} ${kind.padEnd(10)}${name}  ${versionsText(before, now)}`;
};

const versionsText = (before: string | undefined, now: string | undefined): string => {
  const [was, is] = [versionOf(before), versionOf(now)];
  if (was === undefined || is === undefined) return is ?? was ?? '';
  return was === is ? `${is}, another file` : `${was} → ${is}`;
};

const versionOf = (text: string | undefined): string | undefined => text?.replaceAll(/\0[0-9a-f]*/g, '');
