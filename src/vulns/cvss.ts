/**
 * Base scores of CVSS vectors: 3.0 and 3.1 (FIRST, "Common Vulnerability Scoring System v3.1: Specification", 7.1) and 2.0
 * (section 3.2.1). Those of 4.0 come from a table of classes and are told as written.
 */
import type { Level, Severity } from './severity.ts';

export const cvssSeverity = (type: string, vector: string): Severity | undefined => {
  if (vector.length > 200) return undefined;
  const metrics = metricsOf(vector);
  if (/^CVSS:3\.[01]\//.test(vector)) return rated(vector.slice(0, 8), vector, scoreOfThree(metrics), levelOfThree);
  if (type === 'CVSS_V2') return rated('CVSS:2.0', vector, scoreOfTwo(metrics), levelOfTwo);
  if (/^CVSS:4\.0\//.test(vector)) return { level: undefined, method: 'CVSS:4.0, not computed', said: vector };
  return undefined;
};

const rated = (
  method: string,
  said: string,
  score: number | undefined,
  levelOf: (score: number) => Level,
): Severity | undefined => (score === undefined ? undefined : { level: levelOf(score), method, said, score });

const metricsOf = (vector: string): ReadonlyMap<string, string> =>
  new Map(
    vector.split('/').flatMap((part) => {
      const [name, value] = part.split(':');
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );

const levelOfThree = (score: number): Level =>
  score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : score > 0 ? 'low' : 'negligible';
const levelOfTwo = (score: number): Level =>
  score >= 7 ? 'high' : score >= 4 ? 'medium' : score > 0 ? 'low' : 'negligible';

type Weights = Readonly<Record<string, Readonly<Record<string, number>>>>;

const THREE: Weights = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
/** They weigh more where the scope changes. */
const PRIVILEGES: Weights = { U: { N: 0.85, L: 0.62, H: 0.27 }, C: { N: 0.85, L: 0.68, H: 0.5 } };
const TWO: Weights = {
  AV: { L: 0.395, A: 0.646, N: 1 },
  AC: { H: 0.35, M: 0.61, L: 0.71 },
  Au: { M: 0.45, S: 0.56, N: 0.704 },
  C: { N: 0, P: 0.275, C: 0.66 },
  I: { N: 0, P: 0.275, C: 0.66 },
  A: { N: 0, P: 0.275, C: 0.66 },
};

/** Undefined where a metric is missing or has another value. */
const weightsOf = (metrics: ReadonlyMap<string, string>, table: Weights): Record<string, number> | undefined => {
  const found: Record<string, number> = {};
  for (const [name, weights] of Object.entries(table)) {
    const value = metrics.get(name) ?? '';
    if (!Object.hasOwn(weights, value)) return undefined;
    found[name] = weights[value] ?? 0;
  }
  return found;
};

const scoreOfThree = (metrics: ReadonlyMap<string, string>): number | undefined => {
  const weights = weightsOf(metrics, THREE);
  const scope = metrics.get('S') ?? '';
  const privileges = Object.hasOwn(PRIVILEGES, scope) ? PRIVILEGES[scope] : undefined;
  const needed = privileges?.[metrics.get('PR') ?? ''];
  if (weights === undefined || needed === undefined) return undefined;
  const { AV = 0, AC = 0, UI = 0, C = 0, I = 0, A = 0 } = weights;
  const base = 1 - (1 - C) * (1 - I) * (1 - A);
  const impact = scope === 'C' ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
  if (impact <= 0) return 0;
  const exploit = 8.22 * AV * AC * needed * UI;
  return roundedUp(Math.min(10, (scope === 'C' ? 1.08 : 1) * (impact + exploit)));
};

/** To one digit, in whole numbers as the specification's appendix A has it. */
const roundedUp = (value: number): number => {
  const whole = Math.round(value * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
};

const scoreOfTwo = (metrics: ReadonlyMap<string, string>): number | undefined => {
  const weights = weightsOf(metrics, TWO);
  if (weights === undefined) return undefined;
  const { AV = 0, AC = 0, Au = 0, C = 0, I = 0, A = 0 } = weights;
  const impact = 10.41 * (1 - (1 - C) * (1 - I) * (1 - A));
  const exploit = 20 * AV * AC * Au;
  const score = (0.6 * impact + 0.4 * exploit - 1.5) * (impact === 0 ? 0 : 1.176);
  return Math.max(0, Math.round(score * 10) / 10);
};
