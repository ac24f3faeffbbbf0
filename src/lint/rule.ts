/** Rules are data: the docs' table, the tests and SARIF's rule list come from them. */
import type { Severity } from './finding.ts';

export interface Rule {
  /** `preseed/…`, `kickstart/…` or `file/…`; never renamed once released. */
  readonly name: string;
  /** The usual one; a finding may be of a lower severity. */
  readonly severity: Severity;
  /** One sentence: what it finds, and why that matters. */
  readonly summary: string;
  /** Where the installer's documentation or source says so. */
  readonly source: string;
  /** A small file that it finds something in, and the same one put right. */
  readonly bad: string;
  readonly good: string;
}
