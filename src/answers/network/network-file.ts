/** A file by which the finished system knows a network device. */
export interface NetworkFile {
  readonly name: string;
  readonly content: string;
}
