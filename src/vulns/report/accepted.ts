/** What is said of a finding that a waiver is about, to whoever reads the report without the waiver. */
import type { Finding } from '../finding.ts';

export const acceptedText = ({ until, reason }: NonNullable<Finding['waived']>): string =>
  `accepted${until === undefined ? '' : ` until ${until}`}: ${reason}`;
