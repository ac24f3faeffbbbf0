/** What is asked of a booted guest over the build's session. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askedBy, collectScript } from '../../checks/collect.ts';
import type { Facts } from '../../checks/facts.ts';
import { parseFacts } from '../../checks/parse-facts.ts';
import type { Asks, Guest } from '../../checks/planned.ts';
import { IngotError } from '../../errors.ts';
import type { Session } from '../../guest/session.ts';
import type { Machine } from '../../machine/machine.ts';

/** Milliseconds, with KVM. */
const FACTS_LIMIT = 60_000;
const POWER_OFF_LIMIT = 2 * 60_000;

/** The way in opens early; the facts are those of a boot that has come to its end, or has not in time. */
export const waitForEnd = async (session: Session, limit: number): Promise<void> => {
  const seconds = Math.ceil(limit / 1000);
  await session.exec(`timeout ${seconds} systemctl is-system-running --wait >/dev/null 2>&1`);
};

export const askGuest = async (
  session: Session,
  all: readonly (Asks | undefined)[],
  factor: number,
): Promise<Facts> => {
  const script = collectScript(askedBy(all));
  return parseFacts(await session.check('sh -s', { stdin: script, timeout: FACTS_LIMIT * factor }));
};

/** `folder`: of the machine, in the run folder. */
export const guestOf = (
  session: Session,
  { factor, folder }: { readonly factor: number; readonly folder: string },
): Guest => ({
  async run(command, { within, stdin }) {
    try {
      return await session.exec(command, { timeout: within * factor, ...(stdin === undefined ? {} : { stdin }) });
    } catch (error) {
      if (error instanceof IngotError && error.code === 'guest.command-timeout') return undefined;
      throw error;
    }
  },
  async keep(name, content) {
    await writeFile(join(folder, name), content);
  },
});

/** Whether the guest has powered off by itself: only then is all that it has written on its disk. */
export const poweredOff = async (session: Session, machine: Machine, factor: number): Promise<boolean> => {
  // The connection may go before the command has ended.
  await session.exec('systemctl poweroff 2>/dev/null || poweroff', { timeout: 20_000 }).catch(() => undefined);
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), POWER_OFF_LIMIT * factor);
  const ending = await Promise.race([machine.ended, late.promise]);
  clearTimeout(timer);
  return ending?.reason === 'guest-shutdown';
};
