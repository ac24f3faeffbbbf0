/** Every sabotaged installation and first boot, each on a real machine. INGOT_SABOTAGE chooses by a pattern of the name. */
import t from 'tap';
import { BOOTS, INSTALLATIONS, QUICK, STEPS } from '../e2e/sabotage/cases.ts';
import { sabotaged } from '../e2e/sabotage/sabotage.ts';

t.setTimeout(3 * 60 * 60_000);
const wanted = new RegExp(process.env['INGOT_SABOTAGE'] ?? '');
for (const sabotage of [...QUICK, ...BOOTS, ...STEPS, ...INSTALLATIONS])
  if (wanted.test(sabotage.name)) t.test(sabotage.name, (t) => sabotaged(t, sabotage));
