/** Thrown when the failure was already shown by a screen. */
export class AlreadyReported extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super('already reported');
    this.reason = reason;
  }
}
