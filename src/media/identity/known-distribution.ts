/** The system that a medium installs. */
export interface Distribution {
  readonly name: string;
  readonly release: string;
  /** As the distribution calls it; `unknown` when it does not say. */
  readonly arch: string;
}
