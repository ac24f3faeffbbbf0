/** The system that a medium installs. */
export interface KnownDistribution {
  readonly name: string;
  readonly release: string;
  /** As the distribution calls it; `unknown` when it does not say. */
  readonly arch: string;
}
