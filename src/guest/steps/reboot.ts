/** The `reboot` step: restarts the guest and waits until another boot of it takes SSH logins. */
import { setTimeout as delay } from 'node:timers/promises';
import { IngotError } from '../../errors.ts';
import type { RebootStep } from '../../recipe/schema/configure-schema.ts';
import type { Session } from '../session.ts';
import { stopTimers } from '../timers.ts';
import type { StepContext } from './step-context.ts';

/** The kernel's random id of the running boot (random(4)). */
const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

export const reboot = async (
  { reboot: step }: RebootStep,
  { session, reporter, factor, settle }: StepContext,
): Promise<void> => {
  await restart(session, step.timeout * factor);
  await settle?.(session);
  await stopTimers(session);
  reporter.line('the guest is up again');
};

/** Until another boot of the guest takes logins; `limit` in milliseconds. Throws `guest.reboot-timeout`. */
export const restart = async (session: Session, limit: number): Promise<void> => {
  const deadline = performance.now() + limit;
  const before = await session.check(BOOT_ID);
  // sshd may go before the command has ended: only the new boot id says that it worked.
  await session.exec('systemctl reboot 2>/dev/null || reboot', { timeout: 20_000 }).catch(tolerateLoss);
  for (;;) {
    const left = deadline - performance.now();
    if (left <= 0) throw stillTheSame(limit);
    await session.reconnect(left);
    const now = await session.check(BOOT_ID).catch(tolerateLoss);
    if (now !== undefined && now !== before) return;
    await delay(500);
  }
};

const tolerateLoss = (error: unknown): undefined => {
  if (error instanceof IngotError && /^guest\.(connection-lost|command-timeout)$/.test(error.code)) return undefined;
  throw error;
};

const stillTheSame = (timeout: number): IngotError =>
  new IngotError('guest.reboot-timeout', `the guest did not restart within ${Math.round(timeout / 1000)} s`, {
    hint: 'serial.log shows what it waits for; the step’s `timeout` is the limit.',
  });
