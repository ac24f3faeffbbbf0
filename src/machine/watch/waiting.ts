/**
 * Whether an installer waits for a person, from its screen: a prompt under the cursor, or a dialog with buttons, that
 * has not changed for a while. An installer that waits will wait for ever; a time-out would say so much later, and
 * without the question.
 */
import type { Screen } from '../console.ts';
import type { InstallerPhases } from './installer-phases.ts';

/** How long a screen must stand still, in milliseconds: a prompt ends a text, a dialog might be drawn in pieces. */
const STILL = { prompt: 5000, stranding: 5000, dialog: 15_000 };

export type WaitingKind = keyof typeof STILL;

export interface WaitingDetector {
  /** Returns what waits, and the text of the screen, once it is sure. */
  see(screen: Screen): { readonly kind: WaitingKind; readonly text: string } | undefined;
}

export const createWaitingDetector = (installer: InstallerPhases, now: () => number): WaitingDetector => {
  let last = '';
  let since = now();
  return {
    see(screen) {
      const text = textOf(screen);
      const state = `${text}\n${screen.cursor.row},${screen.cursor.column}`;
      if (state !== last) {
        last = state;
        since = now();
        return undefined;
      }
      const kind = kindOf(installer, screen);
      return kind !== undefined && now() - since >= STILL[kind] ? { kind, text } : undefined;
    },
  };
};

const kindOf = (installer: InstallerPhases, { lines, cursor }: Screen): WaitingKind | undefined => {
  // Under GNU screen, which the installer uses on a serial console, the cursor stands below the prompt.
  const upToCursor = lines.slice(0, cursor.row + 1).map((line) => line.trim());
  const current = upToCursor.findLast((line) => line !== '') ?? '';
  if (installer.prompts.some((prompt) => prompt.test(current))) return 'prompt';
  if (installer.strandings.some((stranding) => stranding.test(current))) return 'stranding';
  return installer.dialog.test(lines.join('\n')) ? 'dialog' : undefined;
};

/** The screen without blanks at its edges, as it is shown to the user. */
const textOf = ({ lines }: Screen): string => {
  const trimmed = lines.map((line) => line.trimEnd());
  const first = trimmed.findIndex((line) => line !== '');
  return trimmed.slice(first, trimmed.findLastIndex((line) => line !== '') + 1).join('\n');
};
