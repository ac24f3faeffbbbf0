/** Times out of Ingot's events: what `--json` prints, and what lies in a run's folder. */

interface Event {
  readonly type: string;
  readonly at: string;
  readonly stage?: string;
  readonly phase?: string;
  readonly duration?: number;
}

const isEvent = (value: unknown): value is Event =>
  typeof value === 'object' && value !== null && 'type' in value && 'at' in value;

/** Whatever else was printed is passed over. */
const eventsOf = (lines: readonly string[]): Event[] =>
  lines
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text))
    .filter(isEvent);

/** What the time of a build that was done is called. */
export const WHOLE_BUILD = 'whole build';

/** Seconds of each phase that ran, by `stage/phase`, of each stage by its name, and of the whole build. */
export const phaseTimes = (lines: readonly string[]): Map<string, number> => {
  const times = new Map<string, number>();
  let open: { readonly name: string; readonly since: number } | undefined;
  for (const { type, at, stage = '', phase, duration = 0 } of eventsOf(lines)) {
    // Notes, lines and progress belong to the phase that runs.
    if (!/^(stage\.(phase|done|failed)|build\.)/.test(type)) continue;
    const now = Date.parse(at) / 1000;
    if (open) times.set(open.name, (times.get(open.name) ?? 0) + now - open.since);
    open = type === 'stage.phase' ? { name: `${stage}/${phase}`, since: now } : undefined;
    if (type === 'stage.done') times.set(stage, duration / 1000);
    if (type === 'build.done') times.set(WHOLE_BUILD, duration / 1000);
  }
  return times;
};
