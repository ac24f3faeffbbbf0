/** Events as NDJSON, one object a line; docs/events.md describes them. */
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';

export const jsonScreen =
  (write: (text: string) => void): Subscriber =>
  (event: StampedEvent) =>
    write(`${JSON.stringify(event)}\n`);
