/** A provenance against the folder: every image is a subject, every other file a byproduct, and the builder is known. */
import { z } from 'zod';
import type { Judged } from '../judgement.ts';
import { isAttestationName } from './found-attestations.ts';
import { BUILD_TYPE, DELIVERED, EXTERNAL_PARAMETERS } from './provenance.ts';
import type { ReadStatement } from './statement.ts';
import { isBeside } from './sums-check.ts';
import type { VerifyContext } from './verify-context.ts';

const schema = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: z.string(),
    externalParameters: z.record(z.string(), z.unknown()),
    resolvedDependencies: z.array(z.looseObject({})).default([]),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({ id: z.string() }),
    byproducts: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          digest: z.looseObject({ sha256: z.string().optional() }).optional(),
          annotations: z.looseObject({ lies: z.string().optional() }).optional(),
        }),
      )
      .default([]),
  }),
});

export const judgeProvenance = async (
  { subject, predicate }: ReadStatement,
  where: string,
  context: VerifyContext,
): Promise<Judged[]> => {
  const fails = (rule: string, message: string, at: string = where): Judged => ({
    rule: `statements/${rule}`,
    verdict: 'fails',
    message,
    where: at,
    hint: 'Do not use it, and ask who published it for the whole folder.',
  });
  const read = schema.safeParse(predicate);
  if (!read.success) return [fails('incomplete', `${where} lacks what a provenance has to have`)];
  const { buildDefinition, runDetails } = read.data;
  const found: Judged[] = [];
  if (buildDefinition.buildType !== BUILD_TYPE)
    found.push(fails('build-type', `${where} is about a build of another kind: ${buildDefinition.buildType}`));
  const known: readonly string[] = EXTERNAL_PARAMETERS;
  for (const name of Object.keys(buildDefinition.externalParameters))
    if (!known.includes(name))
      found.push(fails('unknown-parameter', `${where} has an external parameter that no build of Ingot has: ${name}`));
  const { builders } = context.expected;
  if (builders.length > 0 && !builders.includes(runDetails.builder.id))
    found.push(
      fails('builder', `${where} names the builder ${runDetails.builder.id}, which the policy does not accept`),
    );
  const covered = new Set(subject.map(({ name }) => name));
  for (const { name, digest, annotations } of runDetails.byproducts) {
    if (name === undefined || annotations?.lies !== DELIVERED.lies) continue;
    covered.add(name);
    const now = context.files.includes(name) ? await context.digest(name) : undefined;
    if (now === undefined) found.push(fails('byproduct-missing', `${where} names ${name}, which is not here`, name));
    else if (now !== digest?.sha256)
      found.push(fails('byproduct-changed', `${name} is not the file that ${where} names`, name));
  }
  for (const file of imagesOf(context))
    if (!subject.some(({ name }) => name === file)) {
      const digest = context.files.includes(file) ? await context.digest(file) : undefined;
      const other = digest === undefined ? undefined : subject.find((one) => one.digest.sha256 === digest);
      covered.add(file);
      found.push(
        other === undefined
          ? fails('not-about', `${where} is not about ${file}`, file)
          : fails('renamed', `${file} is called ${other.name} in ${where}`, file),
      );
    }
  // Statements are judged by themselves, also those that were made later.
  for (const file of context.files)
    if (!covered.has(file) && !isBeside(file) && !isAttestationName(file))
      found.push(fails('not-covered', `${where} says nothing of ${file}`, file));
  return found;
};

/** What the manifest calls an image or a medium, and the file that was asked about. */
const imagesOf = ({ manifest, image }: VerifyContext): string[] => [
  ...new Set([
    ...(manifest?.images.map(({ file }) => file) ?? []),
    ...(manifest?.medium ? [manifest.medium.file] : []),
    ...(image === undefined ? [] : [image]),
  ]),
];
