/** The rules that a waiver can name: a part of the policy, a field of one, or a vulnerability. */
import { matchesName } from '../patterns.ts';
import type { Path, Problem } from '../recipe/problems/problem.ts';
import { suggest } from '../suggest.ts';
import type { Waiver } from '../waivers.ts';
import { policySchema } from './policy-schema.ts';

/** `CVE-2026-1234`, `DSA-5000-1`, `GHSA-…`, `RHSA-2026:1`. */
const VULNERABILITY = /^[A-Z][A-Za-z]*-[\w:.*-]+$/;
/** What these find has names of its own: `vulnerabilities.pending-update`, `telemetry.on`. */
const OWN_NAMES = /^(vulnerabilities\.|vulns\/|telemetry\.|egress\.)/;

/** Not judged themselves. */
const NO_PARTS = new Set(['description', 'include', 'waivers']);

const fieldsOf = (schema: unknown): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  if ('shape' in schema && typeof schema.shape === 'object' && schema.shape !== null) return Object.keys(schema.shape);
  return 'unwrap' in schema && typeof schema.unwrap === 'function' ? fieldsOf(schema.unwrap()) : [];
};

/** `packages`, `packages.forbid`, … */
export const waivableRules = (): string[] =>
  Object.entries(policySchema.shape)
    .filter(([part]) => !NO_PARTS.has(part))
    .flatMap(([part, schema]) => [part, ...fieldsOf(schema).map((field) => `${part}.${field}`)]);

/** A waiver of a rule that there is not would waive nothing, and nobody would see it. */
export const unknownWaivers = (waivers: readonly Pick<Waiver, 'rule'>[]): Problem[] => {
  const known = waivableRules();
  return waivers.flatMap(({ rule }, nth) => {
    const bare = rule.replace(/^policy\//, '');
    if (VULNERABILITY.test(bare) || OWN_NAMES.test(bare) || known.some((one) => matchesName([bare], one))) return [];
    const path: Path = ['waivers', nth, 'rule'];
    const upper = bare.toUpperCase();
    const near = VULNERABILITY.test(upper) && /\d/.test(upper) ? upper : suggest(bare.replace('/', '.'), known);
    const hint = near === undefined ? EXAMPLES : `Did you mean \`${near}\`? ${EXAMPLES}`;
    return [{ path, message: `there is no rule ${rule}`, hint }];
  });
};

const EXAMPLES =
  'A rule is named as the finding names it: a part of a policy and its field (packages.forbid), all of a part (files.*), or a vulnerability (CVE-2026-1234).';
