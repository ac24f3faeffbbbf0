/**
 * A system that somebody else has made, from its first boot: cloud-init finishes, the build's way in stays through
 * restarts, and what the recipe says is applied.
 */
import { ACCESS_UNIT, earlyAccessUnit } from '../access/access.ts';
import { IngotError } from '../errors.ts';
import { shellQuote } from '../host/command-line.ts';
import { lastLines } from '../host/lines.ts';
import type { Reporter } from '../report.ts';
import { requireMediumSource } from './medium-source.ts';
import type { Session } from './session.ts';

export interface AdoptContext {
  readonly hasCloudInit: boolean;
  /** With packages for it, which come before all else that is applied. */
  readonly hasMedium: boolean;
  readonly application: {
    readonly files: readonly { readonly path: string; readonly mode: number; readonly content: string }[];
    readonly script: string;
  };
  readonly reporter: Reporter;
  /** Limits are multiplied by it (`Accelerator.factor`). */
  readonly factor: number;
}

const FOLDER = '/run/ingot/apply';
/** Milliseconds, with KVM. */
const CLOUD_INIT_LIMIT = 5 * 60_000;
const APPLY_LIMIT = 60 * 60_000;
const BOOT_LIMIT = 60_000;
/** timeout(1) */
const TIMED_OUT = 124;

/** Throws `guest.cloud-init`, `guest.cloud-init-endless`, `guest.answers-failed`, or what a session throws. */
export const adoptGuest = async (session: Session, context: AdoptContext): Promise<void> => {
  if (context.hasCloudInit) await waitForCloudInit(session, context);
  context.reporter.phase('first boot');
  await haveHostKeys(session);
  await waitForBoot(session, context);
  context.reporter.phase('answers');
  await keepDoor(session);
  if (context.hasMedium) await requireMediumSource(session, context.reporter);
  await apply(session, context);
};

/** Its exit status: 0 done, 1 failed, 2 done with errors that it recovered from (cloud-init's documentation, since 23.4). */
const waitForCloudInit = async (session: Session, { reporter, factor }: AdoptContext): Promise<void> => {
  reporter.phase('cloud-init');
  const { stdout, stderr, exitCode } = await session
    .exec('cloud-init status --wait --long', { timeout: CLOUD_INIT_LIMIT * factor })
    .catch((error: unknown) => {
      if (!(error instanceof IngotError) || error.code !== 'guest.command-timeout') throw error;
      throw new IngotError('guest.cloud-init-endless', 'cloud-init of the image does not finish', {
        where: 'configure',
        hint: 'Its log says what it waits for (/var/log/cloud-init-output.log, `ingot shell`). Does it look for a data source on a network that is not there? `origin: {access: offline}` does not need it, but it runs all the same.',
        cause: error,
      });
    });
  const text = lastLines(`${stdout}\n${stderr}`.replaceAll(/^\.+$/gm, ''), 12);
  if (exitCode === 1)
    throw new IngotError('guest.cloud-init', 'cloud-init of the image has failed', {
      where: 'configure',
      detail: session.redact(text),
      hint: 'Its log says why (/var/log/cloud-init.log, `ingot shell`).',
    });
  if (exitCode === 2) reporter.note(`cloud-init of the image ended with errors that it recovered from:\n${text}`);
};

/** Where nothing makes host keys (a cloud's image without its cloud) sshd would be started again and again; sealing removes these. */
const haveHostKeys = async (session: Session): Promise<void> => {
  await session.exec('ls /etc/ssh/ssh_host_*_key >/dev/null 2>&1 || ssh-keygen -A');
};

/** The way in opens early. A unit that waits for something that is not there (a lease, a server) does not hold up the build for ever. */
export const waitForBoot = async (
  session: Session,
  { reporter, factor }: Pick<AdoptContext, 'reporter' | 'factor'>,
): Promise<void> => {
  const limit = Math.round((BOOT_LIMIT * factor) / 1000);
  const { exitCode } = await session.exec(`timeout ${limit} systemctl is-system-running --wait >/dev/null 2>&1`);
  if (exitCode === TIMED_OUT) {
    const { stdout } = await session.exec('systemctl list-jobs --no-legend --no-pager');
    reporter.note(`the image has not finished its boot: ${lastLines(stdout, 6)}`);
    return;
  }
  const { stdout } = await session.exec('systemctl list-units --failed --plain --no-legend --no-pager');
  const failed = stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
  if (failed.length > 0) reporter.note(`units of the image that fail: ${failed.join(', ')}`);
};

/** From now on the disk has the unit, as after an installation: seeds and credentials may go. */
const keepDoor = async (session: Session): Promise<void> => {
  const { path, link } = ACCESS_UNIT;
  await session.writeFile(path, earlyAccessUnit(), '0644');
  await session.check(`mkdir -p "$(dirname ${link})" && ln -sfn ${path} ${link} && systemctl daemon-reload`);
};

const apply = async (session: Session, { application, reporter, factor }: AdoptContext): Promise<void> => {
  await session.check(`rm -rf ${FOLDER} && umask 077 && mkdir -p ${FOLDER}`);
  for (const { path, mode, content } of application.files) {
    const to = `${FOLDER}/${path}`;
    await session.check(`umask 022 && mkdir -p "$(dirname ${shellQuote(to)})"`);
    await session.writeFile(to, content, mode.toString(8).padStart(4, '0'));
  }
  // From a file: what it starts must not read the rest of it.
  await session.writeFile(`${FOLDER}/run`, `from=${FOLDER}\n${application.script}\n`, '0700');
  const { stdout, stderr, exitCode } = await session.exec(`sh -eu ${FOLDER}/run < /dev/null`, {
    timeout: APPLY_LIMIT * factor,
    onLine: (line) => {
      const phase = /^ingot-phase: (.+)$/.exec(line)?.[1];
      if (phase === undefined) reporter.line(line);
      else reporter.phase(phase);
    },
  });
  if (exitCode !== 0)
    throw new IngotError('guest.answers-failed', 'what the recipe says cannot be applied to the image', {
      where: 'answers',
      detail: session.redact(lastLines(`${stdout}\n${stderr}`, 15)),
      hint: 'The last lines say which answer failed. `ingot shell` starts the machine as it was left.',
    });
  await session.check(`rm -rf ${FOLDER}`);
};
