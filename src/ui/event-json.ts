/** Events as NDJSON, one object a line; docs/events.md describes them. */
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';

/** `build` names the build in every event, where several share a stream. */
export const jsonScreen =
  (write: (text: string) => void, build?: string): Subscriber =>
  (event: StampedEvent) =>
    write(`${JSON.stringify(build === undefined ? event : { build, ...event })}\n`);
