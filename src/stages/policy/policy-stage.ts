/** *policy*: the captured image against the policies of its recipe. Nothing is delivered that does not keep them. */

import { join } from 'node:path';
import { canonicalJson } from '../../canonical-json.ts';
import type { TestReport } from '../../checks/report/report.ts';
import { counted } from '../../counted.ts';
import { IngotError } from '../../errors.ts';
import { sha256 } from '../../host/files.ts';
import type { Judged, Judgement } from '../../judgement.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { ReadPolicy } from '../../policy/read-policy.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { requireFeedIndex } from '../../vulns/feeds/feed-index.ts';
import type { Captured } from '../capture/captured.ts';
import { manifestOrigin, manifestStandIns, type OriginFacts } from '../deliver/manifest-origin.ts';
import { indexesOf } from '../origin/mirrors.ts';
import type { TrustResult } from '../trust/trust-input.ts';
import { policiesOf } from './policies.ts';

/** Raised when rules judge otherwise than before. */
const RULES = 1;

export interface PolicyInput {
  readonly loaded: LoadedRecipe;
  readonly captured: Captured;
  readonly origin: OriginFacts;
  readonly trusted: TrustResult;
  /** Where the recipe has tests. */
  readonly tested: TestReport | undefined;
  /** A folder with feeds of vulnerabilities. */
  readonly feeds: string | undefined;
}

export interface KeptPolicies {
  readonly judgements: readonly Judgement[];
}

export const policyStage: Stage<PolicyInput, KeptPolicies> = {
  name: 'policy',
  key: async ({ loaded, captured, origin, trusted, tested, feeds }) => {
    const policies = await policiesOf(loaded);
    return {
      image: imageOf(captured).file.sha256,
      rules: RULES,
      policies: policies.map(({ name, digest }) => ({ name, digest })),
      origin: JSON.stringify(manifestOrigin(loaded.recipe, origin)),
      standIns: manifestStandIns(origin).map(({ name }) => name),
      ...(asks(policies, 'trust') ? { trust: sha256(canonicalJson(trusted.judgement)) } : {}),
      ...(asks(policies, 'tests') && tested !== undefined ? { tests: sha256(canonicalJson(tested.results)) } : {}),
      ...(asks(policies, 'vulnerabilities') && feeds !== undefined
        ? { feeds: sha256(canonicalJson((await requireFeedIndex(feeds)).feeds)) }
        : {}),
      ...(policies.some(hasCalendar) ? { day: new Date().toISOString().slice(0, 10) } : {}),
    };
  },
  async run({ loaded, captured, origin, trusted, tested, feeds }, { reporter, signal, shared }) {
    const { judgeImage } = await import('./judge-image.ts');
    const { recipe } = loaded;
    const now = new Date();
    const made = {
      created: now.toISOString(),
      os: recipe.os,
      origin: manifestOrigin(recipe, origin),
      standIns: manifestStandIns(origin),
    };
    const policies = await policiesOf(loaded);
    const judgements = await judgeImage(imageOf(captured).file.path, {
      policies,
      made,
      others: { trust: trusted.judgement, tests: tested?.results },
      sources: {
        feeds,
        updates: {
          from: indexesOf(loaded),
          folders: { state: join(shared('host'), 'apt'), packages: shared('packages') },
          reporter,
        },
      },
      now,
      signal,
    });
    for (const { check, found } of judgements)
      for (const { verdict, message } of found) if (verdict === 'holds') reporter.note(`${check}: ${message}`);
    const against = judgements.filter(({ verdict }) => verdict !== 'holds');
    if (against.length > 0) throw notKept(against, loaded.path);
    reporter.line(`kept: ${policies.map(({ name }) => name).join(', ')}`);
    return { judgements };
  },
};

/** The qcow2 one where there is one: all have the same disk. */
const imageOf = ({ images }: Captured) => {
  const image = images.find(({ format }) => format === 'qcow2') ?? images[0];
  if (image === undefined) throw new Error('nothing was captured');
  return image;
};

const asks = (policies: readonly ReadPolicy[], part: 'trust' | 'tests' | 'vulnerabilities'): boolean =>
  policies.some(({ policy }) => policy[part] !== undefined);

/** What is judged by the day is judged anew each day. */
const hasCalendar = ({ policy }: ReadPolicy): boolean =>
  policy.age !== undefined || policy.vulnerabilities !== undefined || (policy.waivers ?? []).length > 0;

const MOST_TOLD = 40;

const notKept = (judgements: readonly Judgement[], where: string): IngotError => {
  const found = judgements.flatMap(({ check, found }) =>
    found.filter(({ verdict }) => verdict !== 'holds').map((one) => told(check, one)),
  );
  const more = found.length > MOST_TOLD ? [`and ${found.length - MOST_TOLD} more`] : [];
  return new IngotError(
    'policy.not-kept',
    `the image does not keep ${judgements.map(({ check }) => check).join(', ')}: ${counted(found.length, 'finding')}`,
    {
      where,
      detail: [...found.slice(0, MOST_TOLD), ...more].join('\n'),
      hint: 'Each finding says what to do. What may stay for a while is waived in the policy, with a reason and a day.',
    },
  );
};

const told = (check: string, { rule, verdict, message, hint }: Judged): string =>
  `${check}: ${rule}: ${verdict === 'unjudged' ? 'not judged: ' : ''}${message}${hint === undefined ? '' : `\n  ${hint}`}`;
