/** What a recipe switches off after its steps, so that the image sends nothing of it, and what identifies that. */
import { switchedOff } from '../../egress/catalogue/catalogue.ts';
import { offScript } from '../../egress/switch-off.ts';
import { IngotError } from '../../errors.ts';
import type { StepContext } from '../../guest/steps/step-context.ts';
import { sha256 } from '../../host/files.ts';
import { lastLines } from '../../host/lines.ts';
import type { Json } from '../../pipeline/stage.ts';
import type { Recipe } from '../../recipe/schema.ts';

type Said = Pick<Recipe, 'telemetry'>;

export const isQuieted = ({ telemetry }: Said): boolean => switchedOff(telemetry).length > 0;

/** Nothing for a recipe that switches nothing off. What its words mean counts, not the words. */
export const quietKey = ({ telemetry }: Said): { readonly [field: string]: Json } => {
  const entries = switchedOff(telemetry);
  if (entries.length === 0) return {};
  return { telemetry: { off: entries.map(({ id }) => id), does: sha256(offScript(entries)) } };
};

/** Milliseconds, with KVM: services are stopped. */
const LIMIT = 2 * 60_000;

/** Throws `guest.quiet-failed`. That it worked is seen from outside, on the captured disk. */
export const quieten = async ({ telemetry }: Said, { session, factor, reporter }: StepContext): Promise<void> => {
  reporter.phase('switch off');
  const result = await session.exec('sh -eu -s', {
    stdin: offScript(switchedOff(telemetry)),
    timeout: LIMIT * factor,
    onLine: (line) => reporter.line(line),
  });
  if (result.exitCode === 0) return;
  throw new IngotError(
    'guest.quiet-failed',
    `switching off what the image sends ended with status ${result.exitCode}`,
    {
      where: 'telemetry.off',
      detail: session.redact(lastLines(`${result.stdout}\n${result.stderr}`, 12)),
      hint: 'Name fewer entries to find the one; `ingot egress --catalogue` lists them.',
    },
  );
};
