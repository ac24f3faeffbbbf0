/** What a watcher has to know of an installer, as data: how it speaks of its phases, and how it looks when it waits. */

export interface PhaseRule {
  readonly name: string;
  /** A line of the installer's log with which the phase begins. */
  readonly begins: RegExp;
  /** Lines that count. */
  readonly progress?: { readonly line: RegExp };
}

export interface InstallerPhases {
  readonly name: string;
  /** What comes before the first line of the log. */
  readonly first: string;
  /** In their order. By its own lines an installer only goes forward; Ingot's hooks may name any phase. */
  readonly phases: readonly PhaseRule[];
  /** A step of the installer that went wrong; the group `step` names it. */
  readonly stepFailed: RegExp;
  /** The last line of a screen that waits for a person: the installer's own questions. */
  readonly prompts: readonly RegExp[];
  /** The same for what waits where the installer should have started: firmware, boot loader, a rescue shell. */
  readonly strandings: readonly RegExp[];
  /** Buttons of a dialog drawn on the screen. */
  readonly dialog: RegExp;
}
