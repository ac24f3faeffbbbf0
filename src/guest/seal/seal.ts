/**
 * Sealing: makes the machine ready to be cloned, and ends it. That a script ended well proves nothing; the captured
 * disk is read from outside afterwards (src/capture/assert-sealed.ts).
 */
import { publicTrace } from '../../access/access.ts';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { shellQuote } from '../../host/command-line.ts';
import { lastLines } from '../../host/lines.ts';
import type { Seal } from '../../recipe/schema.ts';
import type { Reporter } from '../../report.ts';
import type { Session } from '../session.ts';
import { SEAL_FOLDER } from './build-access.ts';
import { finalScript, STOP_SCRIPT } from './final.ts';
import { IDENTITY_UNITS } from './identity-units.ts';
import { looseningScript, tighteningScript } from './rewrite.ts';
import type { SealUnit } from './unit.ts';

export interface SealContext {
  readonly reporter: Reporter;
  /** Limits are multiplied by it (`Accelerator.factor`). */
  readonly factor: number;
}

/** One operation is quick; only trimming a large disk, or a service that does not want to stop, takes time. */
const OPERATION_LIMIT = 10 * 60_000;

/** What was immutable or append-only, and is to be so again. */
const ATTRIBUTES = `${SEAL_FOLDER}/attributes`;

/**
 * Runs those of a system's operations that the recipe does not skip, then sends the machine off and hangs up. When it returns, the
 * machine is about to power off by itself: wait for its end, which has to come from the guest. Throws
 * `guest.seal-failed` with the operation's name, or what `Session.exec` throws.
 */
export const seal = async (
  session: Session,
  all: readonly SealUnit[],
  options: Seal,
  { reporter, factor }: SealContext,
): Promise<void> => {
  const units = all.filter(({ name }) => !options.skip.includes(name));
  await session.check(`umask 077 && mkdir -p ${SEAL_FOLDER} && cat > ${SEAL_FOLDER}/build-key`, {
    stdin: publicTrace(session.options.key.publicKey),
  });
  reporter.phase('stop services');
  const context = { reporter, factor };
  await runPart(session, 'stop services', `${STOP_SCRIPT}\n${looseningScript(ATTRIBUTES)}`, context);
  const removals = options.remove.map((path) => `rm -rf -- ${shellQuote(path)}`);
  // Recipe paths go first, so that trimming comes after them.
  if (removals.length > 0) await runPart(session, 'seal.remove', removals.join('\n'), context);
  for (const [index, unit] of units.entries()) {
    throwIfInterrupted(session.options.signal);
    reporter.phase(unit.name);
    reporter.progress(index, units.length, 'items');
    await runPart(session, unit.name, unit.script, context);
  }
  reporter.phase('power off');
  // Services that stop only at the end have run until now: a lease may have been renewed, a key made, a line logged.
  const again = units
    .filter((unit) => IDENTITY_UNITS.includes(unit) || unit.name === 'logs')
    .map(({ script }) => script);
  const final = `${SEAL_FOLDER}/final`;
  await session.check(`umask 077 && cat > ${final}`, {
    stdin: finalScript([...again, tighteningScript(ATTRIBUTES)].join('\n')),
  });
  await session.check(`setsid sh ${final} </dev/null >/dev/null 2>&1 &`);
  await session[Symbol.asyncDispose]();
};

const runPart = async (session: Session, name: string, script: string, context: SealContext): Promise<void> => {
  const result = await session.exec('sh -eu -s', {
    stdin: `${script}\n`,
    timeout: OPERATION_LIMIT * context.factor,
    onLine: (line) => context.reporter.line(line),
  });
  if (result.exitCode === 0) return;
  throw new IngotError('guest.seal-failed', `the seal operation ${name} ended with status ${result.exitCode}`, {
    where: `seal/${name}`,
    detail: session.redact(lastLines(`${result.stdout}\n${result.stderr}`, 12)),
    hint: `\`seal: {skip: [${name}]}\` leaves it out; docs/seal.md says what that means.`,
  });
};
