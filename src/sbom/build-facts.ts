/** What a build knows of its image beyond the disk, as the manifest says it. */
import type { Manifest, ManifestImage } from '../capture/manifest.ts';
import type { Bill, BuildPart } from './bill.ts';

export type BuildFacts = Omit<Bill, 'inventory' | 'ingot'>;

/** The part of a manifest that a bill is made of. */
interface Told extends Pick<Manifest, 'name' | 'version' | 'created'> {
  readonly description?: string | undefined;
  readonly images: readonly Pick<ManifestImage, 'file' | 'sha256'>[];
  readonly origin: Pick<Manifest['origin'], 'kind' | 'source' | 'sha256'>;
  readonly installer?: { readonly components: readonly Component[] } | undefined;
  readonly standIns: Manifest['standIns'];
  readonly tools: { readonly ingot?: string | undefined };
}

/** Of the installer; `arch` and digest where they are at hand. */
export interface Component {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  readonly sha256?: string;
}

/** `components`: those of the installer, where more is known of them than the manifest has. */
export const factsOf = (
  { name, version, description, created, images, origin, installer, standIns, tools }: Told,
  components: readonly Component[] = installer?.components ?? [],
): BuildFacts => ({
  name,
  version,
  description,
  created,
  images: images.map(({ file, sha256 }) => ({ name: file, sha256 })),
  ...(origin.kind === 'image' ? { parent: { name: origin.source, sha256: origin.sha256 } } : {}),
  parts: [
    ...mediumOf(origin),
    ...components.map(
      ({ name, version, arch, sha256 }): BuildPart => ({
        role: 'installer',
        name,
        version,
        architecture: arch,
        sha256,
      }),
    ),
    ...standIns.map(
      (one): BuildPart => ({
        role: 'stand-in',
        name: one.name,
        version: tools.ingot,
        description: `Ingot's own in place of a component of the installer: ${one.for}`,
      }),
    ),
  ],
});

/** An image that a build began with is below the new one; an install medium took part in the build alone. */
const mediumOf = ({ kind, source, sha256 }: Told['origin']): BuildPart[] => {
  if (kind === 'image') return [];
  const description = kind === 'iso' ? 'the install medium' : 'the install medium, assembled from packages';
  return [{ role: 'medium', name: source, sha256, description }];
};
