/** SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), for code scanners: the log around the results. */
import { pathToFileURL } from 'node:url';
import { ingotVersion } from '../../host/project.ts';
import type { Judged, Judgement, Verdict } from '../../judgement.ts';

export interface SarifRun {
  readonly rules: readonly object[];
  readonly results: readonly object[];
  readonly invocation: { readonly executionSuccessful: boolean; readonly endTimeUtc?: string };
  readonly properties?: object;
}

export const sarifLog = ({ rules, results, invocation, properties }: SarifRun): string => {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ingot', version: ingotVersion(), rules } },
        columnKind: 'utf16CodeUnits',
        invocations: [invocation],
        ...(properties === undefined ? {} : { properties }),
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};

/** A path as it was named: a relative one is looked for in the repository. */
export const sarifArtifact = (file: string) => ({
  uri: file.startsWith('/') ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/'),
});

export interface JudgedLog {
  /** What was judged, as the user named it. */
  readonly subject: string;
  readonly checks: readonly Judgement[];
  /** What a rule is about; its name is said where nothing is known. */
  readonly about?: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly made?: string;
  /** Of what somebody answers for. */
  readonly isWaived?: (one: Judged) => boolean;
}

/** Each thing that was found, with the image as its place. */
export const judgedSarif = ({ subject, checks, about = {}, made, isWaived }: JudgedLog): string => {
  const found = checks.flatMap((one) => [...one.found, ...unsaid(one)]);
  const used = [...new Set(found.map(({ rule }) => rule))];
  return sarifLog({
    rules: used.map((id) => ({ id, shortDescription: { text: Object.hasOwn(about, id) ? about[id] : id } })),
    invocation: {
      executionSuccessful: checks.every(({ verdict }) => verdict !== 'unjudged'),
      ...(made === undefined ? {} : { endTimeUtc: made }),
    },
    results: found.map((one) => {
      const { rule, verdict, message, where, hint } = one;
      return {
        ruleId: rule,
        level: verdict === 'fails' ? 'error' : 'none',
        kind: KINDS[verdict],
        message: { text: hint === undefined ? message : `${message}. ${hint}` },
        locations: [
          {
            physicalLocation: { artifactLocation: sarifArtifact(subject) },
            ...(where === undefined ? {} : { logicalLocations: [{ name: where }] }),
          },
        ],
        ...(isWaived?.(one) ? { suppressions: [{ kind: 'external', justification: message }] } : {}),
      };
    }),
  });
};

const KINDS: Readonly<Record<Verdict, string>> = { holds: 'informational', fails: 'fail', unjudged: 'open' };

/** A check that does not hold and found nothing that says why would look like one without findings. */
const unsaid = ({ check, verdict, facts, found }: Judgement): Judged[] =>
  verdict === 'holds' || found.some((one) => one.verdict !== 'holds')
    ? []
    : [{ rule: check, verdict, message: [`${check}: ${verdict}`, ...facts].join('; ') }];
