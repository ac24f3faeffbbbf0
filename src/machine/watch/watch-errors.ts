/** How an installation that failed is named, with what it showed last. */
import { IngotError, retold } from '../../errors.ts';
import type { Ending } from '../life.ts';
import type { Machine } from '../machine.ts';
import type { HookMessage } from './protocol.ts';

const SHOWN_LINES = 15;

const lastOf = (machine: Machine): string => {
  const log = machine.log.last(SHOWN_LINES);
  return (log.length > 0 ? log : machine.console.last(SHOWN_LINES)).join('\n');
};

const SEE_LOG = 'installer.log of this run has the reason.';

/** By the code that a hook of ours says (installer/README.md). */
export const HOOK_HINTS: Readonly<Record<string, string>> = {
  'disk-none': 'answers.disk.select says which disk is taken; an id is a name or pattern in /dev/disk/by-id.',
  'disk-several': 'Name one of them in answers.disk.select: by id, smallest, largest or minSize.',
  partition: `Does the disk hold what answers.disk asks for? ${SEE_LOG}`,
  'base-list': 'A package on the medium is damaged: `ingot media verify ISO`, or build again with --from assemble.',
  'late-command-changed':
    'Something else sets preseed/late_command: leave it to answers.late, also in a template of your own.',
  'late-command-failed':
    'Correct the command (answers.late, or preseed/late_command of your template); installer.log has what it said.',
  'boot-loader': SEE_LOG,
  system: SEE_LOG,
};

const place = (phase: string): string => `install/${phase}`;

export const hookFailure = (machine: Machine, phase: string, message: HookMessage & { word: 'failure' }): IngotError =>
  new IngotError(`install.${message.code}`, message.text || 'the installation failed', {
    where: place(phase),
    detail: lastOf(machine),
    hint: HOOK_HINTS[message.code] ?? SEE_LOG,
  });

export const kernelPanic = (phase: string, panic: IngotError): IngotError =>
  retold(panic, { code: 'install.kernel-panic', where: place(phase) });

export const phaseTimeout = (machine: Machine, phase: string, limit: number): IngotError =>
  new IngotError('install.phase-timeout', `the phase “${phase}” took longer than ${inMinutes(limit)}`, {
    where: place(phase),
    detail: lastOf(machine),
    hint: 'If it was only slow, raise machine.limits.phase; console.txt and screen.png show where it stood.',
  });

export const stalled = (machine: Machine, phase: string, idle: number): IngotError =>
  new IngotError('install.stalled', `the machine has done nothing for ${inMinutes(idle)}`, {
    where: place(phase),
    detail: lastOf(machine),
    hint: 'Its processors and disks are idle, and it says nothing. A command of an answer file that needs to wait so long needs a higher machine.limits.idle; console.txt and screen.png show where it stands.',
  });

const inMinutes = (milliseconds: number): string =>
  milliseconds < 120_000 ? `${Math.round(milliseconds / 1000)} s` : `${Math.round(milliseconds / 60_000)} min`;

/** A question that the installer asks. */
export interface AskedQuestion {
  readonly name: string;
  /** `string`, `boolean`, … */
  readonly type: string;
  /** The values it takes, when it names them. */
  readonly choices?: readonly string[];
  /** A line for the answer file. */
  readonly answer: string;
}

export const waiting = (
  phase: string,
  screen: string,
  failedStep: string | undefined,
  asked: AskedQuestion | undefined,
): IngotError => {
  const where = place(phase);
  if (failedStep !== undefined)
    return new IngotError('install.step-failed', `the installer’s step “${failedStep}” failed`, {
      where,
      detail: screen,
      hint: 'installer.log of this run has the reason.',
    });
  if (asked === undefined)
    return new IngotError('install.waiting', 'the installer waits for an answer', {
      where,
      detail: screen,
      hint: 'Answer this question in the recipe or in your own answer file.',
    });
  const choices = asked.choices === undefined ? '' : ` (one of ${asked.choices.slice(0, 8).join(', ')})`;
  return new IngotError('install.waiting', `the installer waits: nothing answers ${asked.name} (${asked.type})`, {
    where,
    detail: screen,
    hint: `Answer it in the recipe, or in your own answer file: ${asked.answer}${choices}`,
  });
};

export const stranded = (phase: string, screen: string): IngotError =>
  new IngotError('install.no-boot', 'the machine stands at a prompt before the installer has started', {
    where: place(phase),
    detail: screen,
    hint: 'Does the medium boot with this firmware (machine.firmware), and do its boot menu and initrd fit?',
  });

export const noSuccess = (machine: Machine, phase: string, ending: Ending, step: string | undefined): IngotError =>
  new IngotError(
    'install.no-success',
    `the machine ${ENDINGS[ending.reason]} before the installation was complete${step === undefined ? '' : `; its step “${step}” had failed`}`,
    {
      where: place(phase),
      detail: lastOf(machine),
      hint: 'installer.log of this run has the reason.',
    },
  );

const ENDINGS: Record<Ending['reason'], string> = {
  'guest-shutdown': 'powered off',
  'guest-reset': 'restarted',
  'host-quit': 'was ended',
  failed: 'ended',
};
