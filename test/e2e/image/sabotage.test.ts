/** Installations and first boots that cannot succeed: a selection of what test/long/sabotage.test.ts has whole. */
import t from 'tap';
import { QUICK } from '../sabotage/cases.ts';
import { sabotaged } from '../sabotage/sabotage.ts';

t.setTimeout(20 * 60_000);
for (const sabotage of QUICK) t.test(sabotage.name, (t) => sabotaged(t, sabotage));
