/**
 * What the guest says on a port, in a file of the machine's folder. Ingot writes it instead of QEMU: secrets are taken
 * out before they reach the disk, so that a build that is killed leaves none, and a guest that talks without end does
 * not fill it.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';

export interface LogFile {
  push(text: string): void;
  end(): void;
}

/** Characters of a line that has no end. */
const LONGEST = 65_536;
/** Bytes of the beginning, and characters of what comes last. */
const [MOST, LAST] = [64 * 2 ** 20, 2 ** 20];

/** What an installer answers when it is asked for evidence has files of its own (watch/installer-evidence.ts). */
const ANSWERS = /^ingot-evidence .*\n/gm;

export interface LogFileOptions {
  readonly redact: (text: string) => string;
  /** When something was taken out. */
  readonly onSecret: () => void;
  /** Once, when nothing more can be written: the machine runs on, and the file stays as it is. */
  readonly onStopped: (error: unknown) => void;
}

export const createLogFile = (path: string, { redact, onSecret, onStopped }: LogFileOptions): LogFile => {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  let file: number | undefined = openSync(path, flags, 0o600);
  let open = '';
  let last = '';
  let [written, leftOut] = [0, 0];

  const put = (text: string): void => {
    if (file === undefined) return;
    try {
      written += writeSync(file, text);
    } catch (error) {
      closeSync(file);
      file = undefined;
      onStopped(error);
    }
  };
  const take = (text: string): void => {
    const asked = text.replaceAll(ANSWERS, '');
    const shown = redact(asked);
    if (shown !== asked) onSecret();
    if (written < MOST) put(shown);
    else holdBack(shown);
  };
  const holdBack = (text: string): void => {
    const all = last + text;
    last = all.slice(-LAST);
    leftOut += all.length - last.length;
  };
  return {
    push(text) {
      const at = text.lastIndexOf('\n') + 1;
      // A secret may be cut by the end of a piece, but hardly by the end of a line.
      if (at > 0) take(open + text.slice(0, at));
      open = at > 0 ? text.slice(at) : open + text;
      if (open.length <= LONGEST) return;
      const cut = open.lastIndexOf(' ') + 1 || open.length;
      take(open.slice(0, cut));
      open = open.slice(cut);
    },
    end() {
      take(open);
      open = '';
      if (leftOut > 0) put(`\n… ${leftOut} characters are left out …\n`);
      put(last);
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};
