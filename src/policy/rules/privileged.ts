/** Programs that run with more rights than their caller has. */
import { matchesPath } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

export const judgePrivileged = (
  { only, ofNoPackage }: NonNullable<Policy['privileged']>,
  { inspection }: PolicyFacts,
): Findings =>
  inspection.privileged.flatMap(({ path, mode, setuid, setgid, capabilities, package: owner }) => {
    const how = [setuid ? 'setuid' : '', setgid ? 'setgid' : '', capabilities].filter((word) => word !== '').join(', ');
    return [
      ...(only === undefined || matchesPath(only, path)
        ? []
        : [
            fails(
              'privileged.only',
              `${path} (${owner ?? 'of no package'}) is ${how}, mode ${mode}`,
              path,
              `Take the right away in a step (chmod ug-s ${path}), or allow it.`,
            ),
          ]),
      ...(ofNoPackage === undefined || owner !== undefined || inspection.packages === undefined
        ? []
        : [
            fails(
              'privileged.ofNoPackage',
              `no package has ${path}, which is ${how}`,
              path,
              'Find out which step made it; `ingot diff --run` shows what steps changed.',
            ),
          ]),
    ];
  });
