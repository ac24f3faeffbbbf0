/**
 * Whether an installer waits for a person, from its screen: a prompt under the cursor, or a dialog with buttons, that
 * has not changed for a while. An installer that waits will wait for ever; a time-out would say so much later, and
 * without the question.
 */
import type { Screen } from './console.ts';
import type { InstallerPhases } from './phases/installer.ts';

/** How long a screen must stand still, in milliseconds: a prompt ends a text, a dialog might be drawn in pieces. */
const STILL = { prompt: 5000, dialog: 15_000 };

export interface WaitingDetector {
  /** Returns the text of the screen once it is sure that the installer waits. */
  see(screen: Screen): string | undefined;
}

export const createWaitingDetector = (installer: InstallerPhases, now: () => number): WaitingDetector => {
  let last = '';
  let since = now();
  return {
    see(screen) {
      const text = screen.lines.join('\n').trim();
      const state = `${text}\n${screen.cursor.row},${screen.cursor.column}`;
      if (state !== last) {
        last = state;
        since = now();
        return undefined;
      }
      const kind = kindOf(installer, screen);
      return kind !== undefined && now() - since >= STILL[kind] ? text : undefined;
    },
  };
};

const kindOf = (installer: InstallerPhases, { lines, cursor }: Screen): keyof typeof STILL | undefined => {
  const current = (lines[cursor.row] ?? '').trim();
  if (installer.prompts.some((prompt) => prompt.test(current))) return 'prompt';
  return installer.dialog.test(lines.join('\n')) ? 'dialog' : undefined;
};
