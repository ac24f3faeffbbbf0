/** What a guest would begin by itself while it is configured. */
import type { Session } from './session.ts';

/**
 * Stops the timers of this boot (apt-daily, man-db, fstrim, …): they hold dpkg's lock when a step wants it, leave other
 * files each time, and all of them are due at once when a checkpoint goes on hours later. The next boot has them again.
 */
export const stopTimers = async (session: Session): Promise<void> => {
  // A guest without systemd has none.
  await session.exec("systemctl stop '*.timer'");
};
