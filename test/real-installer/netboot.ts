/** Debian's own installer images, as the package `debian-installer-13-netboot-amd64` carries them. */
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readKernelRelease } from '../../src/distributions/debian/medium/installer-images.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { parseStanzas } from '../../src/formats/packages/deb822.ts';
import { unpackedByName } from './unpack.ts';
import type { Workshop } from './workshop.ts';

/** Files of one flavour, below `debian-installer/amd64`. */
export interface Images {
  readonly kernel: string;
  readonly initrd: string;
  readonly bootScreens: string;
  readonly grub: string;
}

export interface Netboot {
  readonly text: Images;
  readonly gtk: Images;
  /** `6.12.117+deb13-amd64` */
  readonly kernelRelease: string;
  /** Names of the udebs in the text initrd. */
  readonly installed: readonly string[];
  /** By name of a udeb. */
  readonly versions: ReadonlyMap<string, string>;
  /** File names of its libraries. */
  readonly libraries: ReadonlySet<string>;
}

export const readNetboot = async (workshop: Workshop): Promise<Netboot> => {
  const folder = await unpackedByName(workshop, workshop.release.installerPackage);
  const images = (flavour: string): Images => {
    const at = join(folder, 'usr/lib/debian-installer/images', workshop.release.number, 'amd64', flavour);
    const inside = join(at, 'debian-installer/amd64');
    return {
      kernel: join(inside, 'linux'),
      initrd: join(inside, 'initrd.gz'),
      bootScreens: join(inside, 'boot-screens'),
      grub: join(inside, 'grub'),
    };
  };
  const [text, gtk] = [images('text'), images('gtk')];
  await Promise.all([text, gtk].flatMap(({ kernel, initrd }) => [access(kernel), access(initrd)]));
  return { text, gtk, kernelRelease: await readKernelRelease(text.kernel), ...(await contentOf(text.initrd)) };
};

const STATUS = 'var/lib/dpkg/status';

const contentOf = async (initrd: string): Promise<Pick<Netboot, 'installed' | 'versions' | 'libraries'>> => {
  const libraries = new Set<string>();
  const versions = new Map<string, string>();
  for await (const entry of readCpio(createReadStream(initrd), (path) => path === STATUS)) {
    if (/\.so(\.[^/]*)?$/.test(entry.path)) libraries.add(basename(entry.path));
    if (entry.path !== STATUS || entry.type !== 'file' || entry.content === undefined) continue;
    for (const stanza of parseStanzas(Buffer.from(entry.content).toString('utf8')))
      versions.set(stanza.get('package') ?? '', stanza.get('version') ?? '');
  }
  return { installed: [...versions.keys()], versions, libraries };
};
