/** Which findings somebody answers for: by a waiver, or by an OpenVEX statement of their own. */
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

/** OpenVEX statements of the user's own that say `not_affected` or `fixed`. */
export interface VexWaiver {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Names of packages; all where it names none. */
  readonly packages: readonly { readonly name: string; readonly version: string | undefined }[];
  readonly reason: string;
}

export const isVexAbout = (vex: VexWaiver, finding: Finding): boolean => {
  const names = namesOf(finding);
  if (![vex.id, ...vex.aliases].some((name) => names.includes(name))) return false;
  return vex.packages.some(({ name, version }) =>
    [{ name: finding.source, version: finding.version }, ...finding.packages].some(
      (one) => one.name === name && (version === undefined || version === one.version),
    ),
  );
};
