/** The kinds of in-toto statements that Ingot makes and can judge, by their predicate type. Of another one it cannot be said whether it is true. */
export const PREDICATES = {
  provenance: 'https://slsa.dev/provenance/v1',
  cyclonedx: 'https://cyclonedx.org/bom',
  spdx: 'https://spdx.dev/Document',
  tests: 'https://in-toto.io/attestation/test-result/v0.1',
  vulnerabilities: 'https://in-toto.io/attestation/vulns/v0.2',
  /** Our own kind: a name, and no page. docs/egress.md has its form. */
  egress: 'urn:ingot:predicate:egress:v1',
  summary: 'https://slsa.dev/verification_summary/v1',
} as const;

export type PredicateKind = keyof typeof PREDICATES;

/** Undefined for a predicate type that is not among them. */
export const kindOf = (predicateType: string): PredicateKind | undefined =>
  Object.keys(PREDICATES)
    .filter(isPredicateKind)
    .find((kind) => PREDICATES[kind] === predicateType);

export const isPredicateKind = (word: string): word is PredicateKind => Object.hasOwn(PREDICATES, word);
