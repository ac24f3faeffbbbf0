/** What a page that is opened late has to know: the events so far, without outdated ones. */
import type { StampedEvent } from '../../pipeline/events.ts';

/** An event and the build that it is of. */
export type ViewEvent = StampedEvent & { readonly build: string };

export interface ViewState {
  add(event: ViewEvent): void;
  /** In their order; at most the last lines, and one screen and one progress a build. */
  events(): readonly ViewEvent[];
}

const MOST_LINES = 1000;

export const createViewState = (): ViewState => {
  const milestones: { readonly nth: number; readonly event: ViewEvent }[] = [];
  const lines: { readonly nth: number; readonly event: ViewEvent }[] = [];
  const latest = new Map<string, { readonly nth: number; readonly event: ViewEvent }>();
  let nth = 0;
  return {
    add(event) {
      const numbered = { nth: nth++, event };
      if (event.type === 'stage.screen' || event.type === 'stage.progress') {
        latest.set(`${event.build} ${event.type}`, numbered);
      } else if (event.type === 'stage.line') {
        lines.push(numbered);
        if (lines.length > MOST_LINES) lines.shift();
      } else milestones.push(numbered);
    },
    events: () => [...milestones, ...lines, ...latest.values()].sort((a, b) => a.nth - b.nth).map(({ event }) => event),
  };
};
