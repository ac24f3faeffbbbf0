/** That what the recipe switches off is off, as the captured disk says it: a script that ended well proves nothing. */
import { openSubject } from '../../distributions/open-subject.ts';
import { named, switchedOff } from '../../egress/catalogue/catalogue.ts';
import { installedEntries } from '../../egress/installed.ts';
import { IngotError } from '../../errors.ts';
import type { Telemetry } from '../../recipe/schema/telemetry-schema.ts';
import type { Reporter } from '../../report.ts';

/** Throws `capture.phones-home`. What the recipe means and Ingot cannot switch off is noted. */
export const assertQuiet = async (
  raw: string,
  telemetry: Telemetry,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<void> => {
  await using subject = await openSubject(raw, signal);
  const meant = new Set(named(telemetry.off).map(({ id }) => id));
  const on = (await installedEntries(subject)).filter(({ id, state }) => state === 'on' && meant.has(id));
  const could = new Set(switchedOff(telemetry).map(({ id }) => id));
  const wrong = on.filter(({ id }) => could.has(id));
  if (wrong.length > 0)
    throw new IngotError(
      'capture.phones-home',
      `the image still sends what telemetry.off switches off: ${wrong.length}`,
      {
        where: raw,
        detail: wrong.map(({ id, because }) => `${id}: ${because.join('; ')}`).join('\n'),
        hint: 'Has a step or a package switched it on under another name? docs/egress.md lists what is looked at.',
      },
    );
  for (const { id, title, advice } of on)
    reporter.note(`${title} (${id}) is in the image, and Ingot does not switch it off. ${advice ?? ''}`.trimEnd());
};
