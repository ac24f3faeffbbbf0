/** What a guest's systemd tells of its boot and of its timers, and each timer's unit started once. */
import { IngotError } from '../../errors.ts';
import type { Session } from '../../guest/session.ts';
import { shellQuote } from '../../host/command-line.ts';
import type { BootSeen, TimerFired } from './look.ts';

/** Waits until systemd has started what it starts, or for `limit` milliseconds. */
export const bootOf = async (session: Session, limit: number): Promise<BootSeen> => {
  await session.exec(`timeout ${Math.ceil(limit / 1000)} systemctl is-system-running --wait`, {
    timeout: limit + 60_000,
  });
  const state = await session.exec('systemctl is-system-running');
  const took = await session.exec('systemctl show --property=FinishTimestampMonotonic --value');
  const failed = await session.exec('systemctl list-units --failed --plain --no-legend --no-pager');
  const microseconds = Number(took.stdout.trim());
  return {
    state: state.stdout.trim(),
    took: microseconds > 0 ? microseconds / 1000 : undefined,
    failed: firstWords(failed.stdout),
  };
};

interface FireOptions {
  /** For each, milliseconds. */
  readonly limit: number;
  /** How long what it has started may go on, milliseconds. */
  readonly settle: number;
  readonly onTimer: (timer: string, nth: number, of: number) => void;
}

/** Each timer's unit, one after the other, whether its time has come or not. */
export const fireTimers = async (session: Session, options: FireOptions): Promise<TimerFired[]> => {
  const { stdout } = await session.exec('systemctl list-units --type=timer --all --plain --no-legend --no-pager');
  const timers = firstWords(stdout).filter((name) => name.endsWith('.timer'));
  const fired: TimerFired[] = [];
  for (const [nth, timer] of timers.entries()) {
    options.onTimer(timer, nth, timers.length);
    const unit = (await session.exec(`systemctl show --property=Unit --value ${shellQuote(timer)}`)).stdout.trim();
    if (unit === '') continue;
    fired.push({ timer, unit, result: await fire(session, unit, options) });
  }
  return fired;
};

const fire = async (session: Session, unit: string, { limit, settle }: FireOptions): Promise<string> => {
  const name = shellQuote(unit);
  const seconds = Math.ceil(limit / 1000);
  const { exitCode } = await session.exec(
    `timeout ${seconds} systemctl start ${name}; status=$?; sleep ${Math.ceil(settle / 1000)}; exit $status`,
    {
      timeout: limit + settle + 60_000,
    },
  );
  if (exitCode === TIMED_OUT) return 'still running';
  const { stdout } = await session.exec(`systemctl show --property=Result --value ${name}`);
  return stdout.trim() || (exitCode === 0 ? 'success' : 'failed');
};

/** Of timeout(1). */
const TIMED_OUT = 124;

const firstWords = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((word) => word !== '');

/** A guest that does not answer any more is no reason to lose what was seen. */
export const isGuestFault = (error: unknown): error is IngotError =>
  error instanceof IngotError && error.code.startsWith('guest.');
