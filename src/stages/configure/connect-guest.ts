/** The build's way into the machine of *configure*: waited for after a boot, at once after a restore, and not for ever. */
import { DOOR_SERVICE } from '../../access/access.ts';
import { IngotError, OUR_FAULT } from '../../errors.ts';
import { Session } from '../../guest/session.ts';
import { stopTimers } from '../../guest/timers.ts';
import { wake } from '../../guest/wake.ts';
import type { Machine } from '../../machine/machine.ts';
import { watchIdle } from '../../machine/watch/idle.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { ConfigureWork } from './configure-work.ts';

/** A restored guest answers at once; milliseconds. */
const WAKE_LIMIT = 10_000;

/** For a guest at its login prompt, which has started what it starts by itself; milliseconds of doing nothing. */
const IDLE_AT_LOGIN = 40_000;

/** A guest that has nothing more to do will not open the way in either. Disposing ends the watching. */
export const watchIdleBoot = (machine: Machine, { limit, isWaiting, onIdle }: IdleBootOptions): Disposable =>
  watchIdle(machine, async (idle) => {
    // No line ends after a prompt, so it is on the screen only.
    const { lines } = await machine.console.screen();
    const isAtLogin = /\blogin:\s*$/.test(lines.findLast((line) => line !== '') ?? '');
    if (!isWaiting() || idle < (isAtLogin ? Math.min(limit, IDLE_AT_LOGIN) : limit)) return;
    onIdle(idleBoot(idle, isAtLogin, machine.console.last(SHOWN_LINES).join('\n')));
  });

interface IdleBootOptions {
  /** For how long a guest may do nothing while it is waited for, milliseconds. */
  readonly limit: number;
  /** Whether a login is waited for: steps may sleep as long as they like. */
  readonly isWaiting: () => boolean;
  readonly onIdle: (error: IngotError) => void;
}

const SHOWN_LINES = 15;

const idleBoot = (idle: number, isAtLogin: boolean, detail: string): IngotError =>
  new IngotError(
    'guest.idle',
    `the guest ${isAtLogin ? 'stands at its login prompt and ' : ''}has done nothing for ${Math.round(idle / 1000)} s, but the build’s way in is not open`,
    {
      where: 'configure',
      detail,
      hint: `Has it openssh-server, a kernel with virtio_console and qemu_fw_cfg, and does ${DOOR_SERVICE} start? \`ingot shell\` gives its console. A boot that needs to wait so long needs a higher machine.limits.idle.`,
    },
  );

export const connect = async (
  machine: Machine,
  { loaded, keys, start, accelerator }: ConfigureWork,
  { reporter }: StageContext,
  signal: AbortSignal,
): Promise<Session> => {
  const [door, ...spare] = machine.doors;
  if (door === undefined)
    throw new IngotError('machine.no-port', 'QEMU has no way into the guest', { hint: OUR_FAULT });
  const session = await Session.connect({
    door,
    // The last one is for a person.
    spare: spare.slice(0, -1),
    hostKeys: [keys.host.publicKey],
    key: keys.login,
    limit: (start ? WAKE_LIMIT : loaded.recipe.machine.limits.firstBoot) * accelerator.factor,
    redact: (text) => loaded.secrets.redact(text),
    reporter,
    signal,
  });
  await (start ? wake(session) : stopTimers(session));
  return session;
};
