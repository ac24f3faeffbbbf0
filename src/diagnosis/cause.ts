/** A cause for which builds stop, as data: how it is recognized, what it means, and what to do about it. */

export interface Cause {
  /** Stable: `install.network-dhcp`. */
  readonly code: string;
  /** What happened, in one sentence; `{name}` is a group of the pattern that matched. */
  readonly message: string;
  /** What to change, in one or two sentences. */
  readonly hint: string;
  /** Debconf questions whose dialog says it. */
  readonly questions?: readonly string[];
  /** Of the installer's log or the serial console, a line each. */
  readonly lines?: readonly RegExp[];
  /** Lines that are no sign of it, but tell more once it is known. */
  readonly says?: RegExp;
  /** A line that has to be there as well. */
  readonly with?: RegExp;
  /** What no single line says, from the lines of the console: fills `{found}`. */
  readonly find?: (console: readonly string[]) => string | undefined;
  /** What only many lines of the log say together, however far back: fills `{found}`. */
  readonly dig?: (log: readonly string[], last: readonly string[]) => Dug | undefined;
  /** What else the console says about it, once it is known: fills `{found}`. */
  readonly names?: (console: readonly string[]) => string | undefined;
  /** Of the screen, without frames, white space folded. */
  readonly screens?: readonly RegExp[];
  /** Once it is seen, nothing more will come: a boot need not be waited for. */
  readonly isFinal?: boolean;
  /** Codes of the only errors that it may be the reason of; any, when absent. */
  readonly explains?: readonly string[];
  /** Where the words come from. */
  readonly source: string;
}

export interface Dug {
  readonly found: string;
  readonly lines: readonly string[];
}

/** What was seen of a machine. */
export interface Evidence {
  /** The last lines of the installer's log, and of the serial console. */
  readonly log: readonly string[];
  readonly console: readonly string[];
  /** All of the log that is kept. */
  readonly wholeLog?: readonly string[];
  readonly screen: string;
  /** The debconf question on the screen. */
  readonly question?: string | undefined;
}

export interface Diagnosis {
  readonly cause: Cause;
  readonly message: string;
  /** The lines that show it; none when it was the screen. */
  readonly lines: readonly string[];
}

/** More lines would only repeat the same words. */
const DECISIVE_LINES = 5;

/** Lines and corners of newt's frames, and what a serial terminal makes of them. */
const FRAME = /[\u2500-\u259f|]/g;

/** The text of a screen as the catalogue's patterns see it. */
export const foldedScreen = (screen: string): string => screen.replaceAll(FRAME, ' ').replaceAll(/\s+/g, ' ').trim();

/** The first cause of the catalogue that fits what was seen: causes come there before their consequences. */
export const diagnose = (catalogue: readonly Cause[], evidence: Evidence): Diagnosis | undefined => {
  const lines = [...evidence.log, ...evidence.console];
  const screen = foldedScreen(evidence.screen);
  for (const cause of catalogue) {
    const onScreen = firstMatch(cause.screens, [screen]);
    const inLines = firstMatch(cause.lines, lines);
    const isAsked = evidence.question !== undefined && cause.questions?.includes(evidence.question);
    const found = onScreen ?? inLines;
    const inAll = cause.find?.(evidence.console);
    const dug = cause.dig?.(evidence.wholeLog ?? evidence.log, evidence.log);
    if (!found && !isAsked && inAll === undefined && dug === undefined) continue;
    if (cause.with && !firstMatch([cause.with], lines)) continue;
    const named = inAll ?? dug?.found ?? cause.names?.(evidence.console);
    return {
      cause,
      message: filledIn(cause.message, { ...found?.groups, ...(named === undefined ? {} : { found: named }) }),
      lines: dug?.lines ?? decisiveLines(cause, lines),
    };
  }
  return undefined;
};

const firstMatch = (patterns: readonly RegExp[] = [], texts: readonly string[]): RegExpExecArray | undefined => {
  for (const pattern of patterns) {
    for (const text of texts) {
      const match = pattern.exec(text);
      if (match) return match;
    }
  }
  return undefined;
};

const decisiveLines = ({ lines = [], says }: Cause, all: readonly string[]): string[] => {
  const patterns = says === undefined ? lines : [...lines, says];
  return all.filter((line) => patterns.some((pattern) => pattern.test(line))).slice(-DECISIVE_LINES);
};

/** A group that is not there leaves nothing, and the colon or blank before it goes as well. */
const filledIn = (message: string, values: Readonly<Record<string, string | undefined>>): string =>
  message.replaceAll(/(:? ?)\{(\w+)\}/g, (_written, before: string, name: string) => {
    const value = values[name]?.trim();
    return value ? before + value : '';
  });
