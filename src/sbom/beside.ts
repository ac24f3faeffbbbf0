/** What the manifest beside an image says of its build, where the image is the one that it names. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { z } from 'zod';
import { sha256File } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import { type BuildFacts, factsOf } from './build-facts.ts';

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

const parsedManifest = (text: string): z.output<typeof manifestSchema> | undefined => {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
