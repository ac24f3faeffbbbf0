/** What the manifest beside an image says of its build, where the image is the one that it names. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { z } from 'zod';
import { sha256File } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import type { Bill, BuildPart } from './bill.ts';

/** The part of manifest.json (`capture/manifest.ts`) that a bill is made of, of any version. */
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string().optional(),
  created: z.iso.datetime(),
  images: z.array(z.object({ file: z.string(), sha256: z.string() })),
  origin: z.object({ kind: z.enum(['iso', 'assembled', 'image']), source: z.string(), sha256: z.string() }),
  installer: z.object({ components: z.array(z.object({ name: z.string(), version: z.string() })) }).optional(),
  standIns: z.array(z.object({ name: z.string(), for: z.string() })),
  tools: z.object({ ingot: z.string() }),
});
type BuiltManifest = z.output<typeof manifestSchema>;

export type BuildFacts = Omit<Bill, 'inventory' | 'ingot'>;

/** Of an image without a manifest, its name and when its file was written: the same file gives the same bill. */
export const factsBeside = async (image: string, signal?: AbortSignal): Promise<BuildFacts> => {
  const digest = await sha256File(image, signal);
  const file = basename(image);
  const text = await ifThere(readFile(join(dirname(image), 'manifest.json'), 'utf8'));
  const manifest = text === undefined ? undefined : parsedManifest(text);
  if (manifest?.images.some((one) => one.file === file && one.sha256 === digest)) return factsOf(manifest);
  const created = (await stat(image)).mtime.toISOString();
  return { name: parse(file).name, created, images: [{ name: file, sha256: digest }], parts: [] };
};

const parsedManifest = (text: string): BuiltManifest | undefined => {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const factsOf = (manifest: BuiltManifest): BuildFacts => {
  const { name, version, description, created, images, origin, installer, standIns, tools } = manifest;
  return {
    name,
    version,
    description,
    created,
    images: images.map(({ file, sha256 }) => ({ name: file, sha256 })),
    ...originFacts(origin),
    parts: [
      ...mediumOf(origin),
      ...(installer?.components.map((one): BuildPart => ({ role: 'installer', ...one })) ?? []),
      ...standIns.map((one): BuildPart => standIn(one, tools.ingot)),
    ],
  };
};

/** An image that a build began with is below the new one; an install medium took part in the build alone. */
export const originFacts = ({ kind, source, sha256 }: BuiltManifest['origin']): Pick<BuildFacts, 'parent'> =>
  kind === 'image' ? { parent: { name: source, sha256 } } : {};

export const mediumOf = ({ kind, source, sha256 }: BuiltManifest['origin']): BuildPart[] =>
  kind === 'image'
    ? []
    : [
        {
          role: 'medium',
          name: source,
          sha256,
          description: kind === 'iso' ? 'the install medium' : 'the install medium, assembled from packages',
        },
      ];

export const standIn = (one: { readonly name: string; readonly for: string }, ingot: string): BuildPart => ({
  role: 'stand-in',
  name: one.name,
  version: ingot,
  description: `Ingot's own in place of a component of the installer: ${one.for}`,
});
