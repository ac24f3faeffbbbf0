/** The image as a whole: its size, its age, where it came from. */
import { inMiB } from '../../host/files.ts';
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type Made, type PolicyFacts, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const bytesOf = (text: string): number => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 1);

export const judgeSize = (wanted: NonNullable<Policy['size']>, { subject, inspection }: PolicyFacts): Findings => {
  const logs = [...subject.tree.values()]
    .filter(({ path, type }) => type === 'file' && path.startsWith('/var/log/'))
    .reduce((sum, { allocated }) => sum + allocated, 0);
  const measured = { image: subject.disk.fileSize, installed: inspection.files.size, logs };
  return (['image', 'installed', 'logs'] as const).flatMap((measure) => {
    const most = wanted[measure];
    if (most === undefined || measured[measure] <= bytesOf(most)) return [];
    const hint =
      measure === 'logs'
        ? 'Truncate them in the last step; sealing does it, unless it is skipped.'
        : 'docs/slim.md tells what can go.';
    return [
      fails(
        `size.${measure}`,
        `${measure}: ${inMiB(measured[measure])}, allowed are ${inMiB(bytesOf(most))}`,
        undefined,
        hint,
      ),
    ];
  });
};

const DAY = 86_400_000;

export const judgeAge = ({ most }: NonNullable<Policy['age']>, { manifest, now }: PolicyFacts): Findings => {
  if (manifest === undefined)
    return [unjudged('age', 'there is no manifest.json beside the image that says when it was made', NO_MANIFEST)];
  const days = (now.getTime() - Date.parse(manifest.created)) / DAY;
  if (!Number.isFinite(days))
    return [unjudged('age', `the manifest says ${manifest.created}, which is no time`, NO_MANIFEST)];
  if (days < -1)
    return [
      fails(
        'age',
        `the manifest says ${manifest.created}, which has not come yet`,
        'manifest.json',
        'Set the clock of the host that built it.',
      ),
    ];
  const limit = Number(most.slice(0, -1));
  return days > limit
    ? [
        fails(
          'age',
          `the image is ${Math.floor(days)} days old, allowed are ${limit}`,
          'manifest.json',
          'Build it again: ingot build --refresh',
        ),
      ]
    : [];
};

const NO_MANIFEST = 'Judge the image in the folder that the build made, out/NAME.';

export const judgeOrigin = (wanted: NonNullable<Policy['origin']>, { manifest }: PolicyFacts): Findings => {
  if (manifest === undefined)
    return [unjudged('origin', 'there is no manifest.json beside the image that says where it came from', NO_MANIFEST)];
  const { proof, standIns, families, releases } = wanted;
  const { os, origin } = manifest;
  const isSaid = (allowed: readonly string[] | undefined, is: string) =>
    allowed === undefined || matchesName(allowed, is);
  return [
    ...(proof !== undefined && RANK.indexOf(proofOf(origin)) < RANK.indexOf(proof)
      ? [
          fails(
            'origin.proof',
            `the origin is ${TOLD[proofOf(origin)]}, wanted is: ${TOLD[proof]}`,
            origin.source,
            'docs/origins.md tells how to name the sums and their signature.',
          ),
        ]
      : []),
    ...(standIns === undefined ? [] : manifest.standIns).map(({ name, for: what }) =>
      fails(
        'origin.standIns',
        `${name} took the place of an installer's component: ${what}`,
        name,
        'Use a complete mirror or ISO, with `installer: {standIns: forbid}`.',
      ),
    ),
    ...(isSaid(families, os.family)
      ? []
      : [fails('origin.families', `the system is ${os.family}`, undefined, 'Use a system that the policy allows.')]),
    ...(isSaid(releases, os.release)
      ? []
      : [fails('origin.releases', `the release is ${os.release}`, undefined, 'Use a release that the policy allows.')]),
  ];
};

const RANK = ['pinned', 'sums', 'signed'] as const;
const TOLD = {
  pinned: 'pinned by its digest alone',
  sums: "named in its publisher's sums, which nobody signed",
  signed: 'signed by its publisher',
};

const proofOf = (origin: Made['origin']): (typeof RANK)[number] => {
  // Nothing goes onto an assembled medium that Debian's signed indexes do not name.
  if (origin.kind === 'assembled' || origin.proof?.level === 'signed') return 'signed';
  return origin.proof === undefined ? 'pinned' : 'sums';
};
