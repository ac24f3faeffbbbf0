/** What left each machine that was tested on the sink network, along the time from its power-on. */
import { html, section } from './html.ts';
import { bar } from './timeline-bar.ts';

export interface NetworkLane {
  readonly machine: string;
  /** Milliseconds from power-on to the end of the test. */
  readonly duration: number;
  readonly flows: readonly {
    /** Milliseconds after power-on, of the first and the last frame. */
    readonly at: number;
    readonly until: number;
    readonly protocol: string;
    readonly to: string;
    readonly bytes: number;
    readonly during: string;
    readonly by?: string | undefined;
  }[];
}

export const networkLanes = (lanes: readonly NetworkLane[]): string =>
  section('network', 'What left it', lanes.map(lane).join('\n'));

const lane = ({ machine, duration, flows }: NetworkLane): string => {
  if (flows.length === 0) return `<p>${html(machine)}: nothing left it.</p>`;
  const rows = flows.map(({ at, until, protocol, to, bytes, during, by }) =>
    bar(
      { name: `${protocol} to ${to}`, start: at, duration: until - at },
      duration,
      'flow',
      [`${bytes} bytes`, ...(by === undefined ? [] : [by]), ...(during === 'boot' ? [] : [during])].join(', '),
    ),
  );
  return `<h3>${html(machine)}</h3>\n<table class="timeline">\n${rows.join('\n')}\n</table>`;
};
