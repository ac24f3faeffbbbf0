/** Which findings somebody answers for by a waiver. */
import { concerns, isOver, type Waivable, type Waiver } from '../waivers.ts';
import type { Finding } from './finding.ts';

export const namesOf = ({ id, aliases }: Finding): string[] => [id, ...aliases];
const packagesOf = ({ source, packages }: Finding): string[] => [source, ...packages.map(({ name }) => name)];

/** By any name of the vulnerability, and by the source or a package of it. */
export const waivableFinding = (finding: Finding): Waivable => ({
  rules: [...namesOf(finding), ...namesOfRule('affected')],
  places: packagesOf(finding),
});

/** A rule as `ingot vulns` names it, and as a policy does. */
export const namesOfRule = (rule: string): string[] => [`vulns/${rule}`, `vulnerabilities.${rule}`];

/** A policy waives more than vulnerabilities; what is said of the rest is for whoever judges that. */
const isOfVulnerabilities = ({ rule }: Waiver): boolean => /^(?:vulns\/|vulnerabilities\.|[A-Z][A-Za-z]*-)/.test(rule);

/** Finds the waiver of what was found, and knows in the end which ones were of no use. */
export const waiving = (waivers: readonly Waiver[], now: Date) => {
  const used = new Set<Waiver>();
  return {
    of: (about: Waivable): Waiver | undefined => {
      const fitting = waivers.filter((one) => concerns(one, about));
      for (const one of fitting) used.add(one);
      return fitting.find((one) => !isOver(one, now));
    },
    over: (): Waiver[] => waivers.filter((one) => isOfVulnerabilities(one) && isOver(one, now)),
    unused: (): Waiver[] => waivers.filter((one) => isOfVulnerabilities(one) && !isOver(one, now) && !used.has(one)),
  };
};
