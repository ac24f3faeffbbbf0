/** A place in a file: 1-based; columns count UTF-16 code units, `endColumn` is after the last one. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}
