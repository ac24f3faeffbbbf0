/** What is wrong with a template. */

/** What EJS says of a template: place, excerpt and reason, as it would say it here. */
export class TemplateRefused extends Error {
  /** Which of the templates. */
  readonly path: string;
  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** A fault whose place is known; EJS would add to the message of any other error. */
export class Fault extends Error {
  readonly reason: string;
  readonly file: string;
  readonly line: number;
  /** What to do, where that can be said. */
  readonly hint: string | undefined;
  constructor(reason: string, file: string, line: number, hint?: string) {
    super(reason);
    this.reason = reason;
    this.file = file;
    this.line = line;
    this.hint = hint;
  }
}
