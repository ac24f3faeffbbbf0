/** As JUnit XML, which GitLab, Jenkins and most others show: a suite a check, a case a finding. */
import { junitXml } from '../../formats/reports/junit.ts';
import type { Judged, Judgement } from '../../judgement.ts';

export const junitJudgements = (subject: string, checks: readonly Judgement[]): string =>
  junitXml(
    subject,
    checks.map(({ check, verdict, facts, found }) => {
      const own: Judged = { rule: check, verdict, message: facts.join('; ') };
      return {
        name: check,
        cases: (found.length > 0 ? found : [own]).map(({ rule, verdict, message, where, hint }) => ({
          ...{ group: check, rule, verdict, message, details: [hint] },
          name: where === undefined ? rule : `${rule} ${where}`,
        })),
        output: facts,
      };
    }),
  );
