/** All udebs of a release: Debian's own as far as the mirror has them, the others repacked. */
import { basename } from 'node:path';
import { fetchPackages } from '../../src/distributions/debian/archive/fetch-packages.ts';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { borrowUdebs } from './borrow.ts';
import { udebsFromSource } from './from-source.ts';
import { Incomplete, type Missing } from './incomplete.ts';
import { bestKernel, completeKernel, kernelOf, kernelUdebs } from './kernel-udebs.ts';
import { type Netboot, readNetboot } from './netboot.ts';
import { RECIPES } from './recipes.ts';
import { repackUdebs } from './repack.ts';
import { ownUdeb, type Udeb } from './udeb.ts';
import { readUdebIndex } from './udeb-index.ts';
import { filesOf, inParallel, unpacked } from './unpack.ts';
import type { Options, ReleaseNumber, Workshop } from './workshop.ts';

export interface UdebSet {
  readonly netboot: Netboot;
  readonly udebs: ReadonlyMap<string, Udeb>;
  readonly missing: readonly Missing[];
  /** The newest kernel all of whose udebs are Debian's own; undefined when there is none. */
  readonly genuineKernel: string | undefined;
  readonly indexIsSigned: boolean;
}

export const completeUdebs = async (workshop: Workshop, number: ReleaseNumber, options: Options): Promise<UdebSet> => {
  const { blobs, mirrors, context, tell } = workshop;
  const netboot = await readNetboot(workshop);
  const index = await readUdebIndex(workshop);
  const entries = [...index.packages.names()].flatMap((name) => index.packages.find(name).slice(-1));
  tell(`${entries.length} udebs`);
  const { missing: gone } = await fetchPackages(entries, blobs, () => mirrors.urls.mirror, {
    ...context,
    tolerateMissing: true,
  });
  const own = entries.filter((entry) => !gone.includes(entry)).map((entry) => ownUdeb(entry, blobs.path(entry)));
  const provided = { initrd: netboot.libraries, udebs: await librariesIn(workshop, own) };
  const lacking = gone.filter((entry) => kernelOf(entry) === undefined);
  const repacked = await repackUdebs(workshop, lacking, RECIPES[number], provided);
  const others = lacking.filter(({ name }) => !repacked.udebs.some((udeb) => udeb.name === name));
  const older =
    number === '12' ? await olderUdebs(workshop, options, others, netboot, [...own, ...repacked.udebs]) : NONE;
  const genuineKernel = completeKernel(own, gone);
  const modules = await netbootModules(workshop, own, gone, netboot.kernelRelease, genuineKernel);
  const all = [...own, ...repacked.udebs, ...older.udebs, ...modules.udebs];
  const udebs = new Map(all.map((udeb) => [udeb.name, udeb]));
  const failed = [...repacked.failed, ...older.failed];
  const missing = [...reasons(gone, failed, netboot), ...modules.missing].filter(({ name }) => !udebs.has(name));
  return { netboot, udebs, missing, genuineKernel, indexIsSigned: index.signed };
};

const NONE = { udebs: [], failed: [] };

/** For a release of which the mirror has little: from its sources, and from the next release. */
const olderUdebs = async (
  workshop: Workshop,
  options: Options,
  lacking: readonly PackageEntry[],
  netboot: Netboot,
  there: readonly Udeb[],
) => {
  // What the initrd has is Debian's own, and the installer would take another version for a newer one.
  const wanted = lacking.filter(({ name }) => !netboot.installed.includes(name));
  const built = await udebsFromSource(workshop, wanted);
  const rest = wanted.filter(({ name }) => !built.udebs.some((udeb) => udeb.name === name));
  const borrowed = await borrowUdebs(workshop, options, rest, { initrd: netboot.text.initrd, there });
  return { udebs: [...built.udebs, ...borrowed.udebs], failed: [...borrowed.failed, ...built.failed] };
};

const reasons = (gone: readonly PackageEntry[], failed: readonly Missing[], { installed }: Netboot): Missing[] => {
  const plain = 'not on the mirror, and there is no recipe to make it';
  const inInitrd = 'not on the mirror; the netboot initrd has it';
  const kernels = new Set(gone.flatMap((entry) => kernelOf(entry) ?? []));
  return [
    ...[...kernels].map((kernel) => ({ name: `*-${kernel}-di`, why: 'udebs of this kernel are not on the mirror' })),
    ...gone
      .filter((entry) => kernelOf(entry) === undefined)
      .map(({ name }) => ({
        name,
        why: failed.find((one) => one.name === name)?.why ?? (installed.includes(name) ? inInitrd : plain),
      })),
  ];
};

const netbootModules = async (
  workshop: Workshop,
  own: readonly Udeb[],
  gone: readonly PackageEntry[],
  kernelRelease: string,
  genuine: string | undefined,
): Promise<{ readonly udebs: readonly Udeb[]; readonly missing: readonly Missing[] }> => {
  const isThere = own.some((udeb) => kernelOf(udeb) === kernelRelease);
  const isWhole = isThere && !gone.some((udeb) => kernelOf(udeb) === kernelRelease);
  if (isWhole) return { udebs: [], missing: [] };
  const pattern = genuine ?? bestKernel(own);
  const like = own.filter((udeb) => kernelOf(udeb) === pattern);
  const name = `*-${kernelRelease}-di`;
  try {
    const udebs = await kernelUdebs(workshop, kernelRelease, like);
    return udebs === undefined
      ? {
          udebs: [],
          missing: [{ name, why: 'no udebs of this kernel, no package of it, or no other kernel as a pattern' }],
        }
      : { udebs, missing: [] };
  } catch (error) {
    if (!(error instanceof Incomplete)) throw error;
    return { udebs: [], missing: error.missing.map((one) => ({ name, why: `${one.name}: ${one.why}` })) };
  }
};

const LIBRARY = /\.so(\.[^/]*)?$/;

/** Library to udeb. */
const librariesIn = async ({ cache, context }: Workshop, udebs: readonly Udeb[]): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  const others = udebs.filter((udeb) => kernelOf(udeb) === undefined);
  await inParallel(others, async (udeb) => {
    for (const { path } of await filesOf(await unpacked({ cache, signal: context.signal }, udeb)))
      if (LIBRARY.test(path)) found.set(basename(path), udeb.name);
  });
  return new Map([...found].sort());
};
