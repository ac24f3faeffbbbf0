/** One image against policies: it is opened once, and each of them judged. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { openSubject } from '../../distributions/open-subject.ts';
import { ifThere } from '../../host/if-there.ts';
import { inspect } from '../../inspect/inspect.ts';
import type { Judgement } from '../../judgement.ts';
import { judgePolicy } from '../../policy/judge-policy.ts';
import type { Made, OtherChecks } from '../../policy/policy-facts.ts';
import type { ReadPolicy } from '../../policy/read-policy.ts';
import { lookForVulnerabilities, NO_SOURCES, type VulnerabilitySources } from './look-for-vulnerabilities.ts';

interface Judging {
  readonly policies: readonly ReadPolicy[];
  readonly made: Made | undefined;
  /** What other checks have said of it. */
  readonly others?: Omit<OtherChecks, 'vulnerabilities'>;
  /** Where vulnerabilities are looked up, when a policy asks for them. */
  readonly sources?: VulnerabilitySources;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A judgement for each policy, in their order. Throws what `openSubject` throws. */
export const judgeImage = async (
  image: string,
  { policies, made, others = {}, sources = NO_SOURCES, now, signal }: Judging,
): Promise<Judgement[]> => {
  await using subject = await openSubject(image, signal);
  const inspection = await inspect(subject);
  const vulnerabilities = await lookForVulnerabilities({ subject, path: image }, sources, { policies, now, signal });
  const judged = policies.map(async ({ name, policy }) => {
    const judgement = await judgePolicy(policy, {
      subject,
      inspection,
      manifest: made,
      others: { ...others, vulnerabilities },
      now,
    });
    return { ...judgement, check: `policy ${name}` };
  });
  return await Promise.all(judged);
};

/** Fields that somebody's manifest.json may lack or have otherwise. */
const madeSchema = z.looseObject({
  created: z.string(),
  os: z.looseObject({ family: z.string(), release: z.string(), arch: z.string() }),
  origin: z.looseObject({
    kind: z.enum(['iso', 'assembled', 'image']),
    source: z.string(),
    sha256: z.string(),
    proof: z.looseObject({ file: z.string(), level: z.enum(['signed', 'sums-only']) }).optional(),
  }),
  standIns: z.array(z.looseObject({ name: z.string(), for: z.string() })),
  images: z.array(z.looseObject({ sha256: z.string() })),
});

/** What the manifest beside an image says, when it speaks of this very image. */
export const madeOf = async (image: string, sha256: string): Promise<Made | undefined> => {
  const text = await ifThere(readFile(join(dirname(image), 'manifest.json'), 'utf8'));
  if (text === undefined) return undefined;
  try {
    const { data } = madeSchema.safeParse(JSON.parse(text));
    if (!data?.images.some((one) => one.sha256 === sha256)) return undefined;
    const { proof, ...origin } = data.origin;
    return { ...data, origin: { ...origin, ...(proof === undefined ? {} : { proof }) } };
  } catch {
    return undefined;
  }
};

const testsSchema = z.looseObject({
  image: z.looseObject({ sha256: z.string() }),
  results: z.array(z.looseObject({ name: z.string(), verdict: z.enum(['holds', 'fails', 'unjudged']) })),
});

/** The results in the tests.json beside an image, when they are of this very image. */
export const testsOf = async (image: string, sha256: string): Promise<OtherChecks['tests']> => {
  const text = await ifThere(readFile(join(dirname(image), 'tests.json'), 'utf8'));
  if (text === undefined) return undefined;
  try {
    const { data } = testsSchema.safeParse(JSON.parse(text));
    return data?.image.sha256 === sha256 ? data.results : undefined;
  } catch {
    return undefined;
  }
};
