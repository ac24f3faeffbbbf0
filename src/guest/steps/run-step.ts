/**
 * The `run` step: a script in the guest, as root or another user. Script and environment travel over stdin into a
 * folder in memory that only that user can read; nothing of them is in an argument list.
 */
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { packageFailed, packageFailure } from '../../diagnosis/package-failure.ts';
import { IngotError } from '../../errors.ts';
import { shellQuote } from '../../host/command-line.ts';
import { lastLines } from '../../host/lines.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { RunStep } from '../../recipe/schema/configure-schema.ts';
import { interpreterCall } from '../../recipe/scripts/shebang.ts';
import { systemHint } from '../../system-error.ts';
import { GUEST_FOLDER, type StepContext } from './step-context.ts';

type Run = RunStep['run'];

/** When one of many packages fails, apt goes on with the others; it ends soon after the last of them. */
const KEPT_LINES = 2000;
const END = 200;

export const runScript = async ({ run: step }: RunStep, context: StepContext): Promise<void> => {
  const { session, reporter, secrets, signal } = context;
  const place = await session.check(
    `mkdir -p ${GUEST_FOLDER} && chmod 711 ${GUEST_FOLDER} && mktemp -d ${GUEST_FOLDER}/step.XXXXXX`,
  );
  const folder = place.trim();
  const source = await scriptOf(step, context.folder);
  const files = { script: source, main: Buffer.from(mainScript(step, folder, source.toString('latin1'), context)) };
  try {
    for (const [name, content] of Object.entries(files)) {
      await session.writeFile(`${folder}/${name}`, Readable.from([content]), '0600', step.user);
    }
    await session.check(`chown ${step.user} ${folder}`);
    const lines: string[] = [];
    const result = await session.exec(asUser(step.user, `${folder}/main`), {
      timeout: step.timeout * context.factor,
      signal,
      onLine(line) {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        reporter.line(line);
      },
    });
    if (result.isHeld)
      reporter.note(
        'the script has ended, but a process that it started still runs; the output of that process is not shown',
      );
    if (result.killedBy === undefined && step.exitCodes.includes(result.exitCode)) return;
    const how = result.killedBy ? `was ended by SIG${result.killedBy}` : `ended with status ${result.exitCode}`;
    const failure = packageFailure(lines.map(secrets.redact), lines.slice(-END));
    if (failure !== undefined) throw packageFailed(`the script ${how}`, failure, step.file);
    throw new IngotError('guest.script-failed', `the script ${how}`, {
      where: step.file,
      detail: secrets.redact(lastLines(lines.join('\n'), 20)),
      hint:
        result.exitCode === 127
          ? 'Status 127 means that a command was not found in the guest.'
          : '`ingot shell` starts the machine as the script left it. A status that is not a failure goes into exitCodes.',
    });
  } finally {
    // A lost connection has its own error already, and nothing can be cleaned up over it.
    await session.exec(`rm -rf ${folder}`, { timeout: 20_000 }).catch(() => undefined);
  }
};

/** As bytes: a text in another encoding than UTF-8 arrives as it is. */
const scriptOf = async (step: Run, folder: string): Promise<Buffer> => {
  if (step.script !== undefined) return Buffer.from(step.script);
  if (step.file === undefined)
    throw new IngotError('recipe.invalid', 'a run step needs `script` or `file`', {
      hint: 'Write one of the two.',
    });
  const path = hostFile(folder, step.file);
  return readFile(path).catch((cause: unknown) => {
    throw new IngotError('guest.script-unreadable', `cannot read ${path}`, {
      hint: systemHint(cause),
      cause,
    });
  });
};

const asUser = (user: string, main: string): string =>
  user === 'root' ? `exec sh ${main}` : `exec runuser -u ${user} -- sh ${main}`;

/** Prepares the environment for the script and becomes it. */
const mainScript = (step: Run, folder: string, source: string, { secrets }: StepContext): string => {
  const set = Object.entries(step.env).map(
    ([name, value]) => `export ${name}=${shellQuote(typeof value === 'string' ? value : secrets.get(value))}`,
  );
  return [
    `entry=$(getent passwd ${step.user}) || { echo "no user ${step.user} in the guest" >&2; exit 126; }`,
    'HOME=$(echo "$entry" | cut -d: -f6)',
    `export HOME USER=${step.user} LOGNAME=${step.user} DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8`,
    ...(step.user === 'root' ? [] : ['export PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin']),
    ...set,
    step.cwd === undefined ? 'cd "$HOME" 2>/dev/null || cd /' : `cd ${shellQuote(step.cwd)} || exit 126`,
    `exec ${interpreterCall(source) ?? 'sh -e'} ${folder}/script`,
    '',
  ].join('\n');
};
