/** Clones: the first machine again with another network card, and the disks of all read after their first boot. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DOOR_SERVICE } from '../../access/access.ts';
import { PATIENCE } from '../../adopt/offline.ts';
import { convert } from '../../capture/convert.ts';
import { type Clone, compareAll } from '../../checks/clones/compare.ts';
import { unjudged } from '../../checks/planned.ts';
import { resultOf, type TestResult } from '../../checks/report/report.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { accountsIn } from '../../inspect/accounts.ts';
import type { Subject } from '../../inspect/subject.ts';
import { unitFacts } from '../../inspect/units.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { CloneTests, Tests } from '../../recipe/schema/tests-schema.ts';
import { sideBySide } from '../side-by-side.ts';
import type { BootedMachine } from './machine-run.ts';
import type { RunOfMachine } from './test-work.ts';

/** Every boot that the tests ask for, in their order: the first machine is the first clone. */
export const cloneRuns = ({ machines, clones }: Tests): RunOfMachine[] =>
  machines.flatMap((machine, nth): RunOfMachine[] => {
    const isCloned = clones !== undefined && nth === 0;
    const first: RunOfMachine = { name: machine.name, machine, isClone: isCloned, isFurther: false };
    if (!isCloned) return [first];
    const others = Array.from({ length: clones.count - 1 }, (_, more): RunOfMachine => {
      const mac = `52:54:00:12:35:${(more + 2).toString(16).padStart(2, '0')}`;
      return {
        name: `${machine.name}-clone-${more + 2}`,
        machine: { ...machine, mac },
        isClone: true,
        isFurther: true,
      };
    });
    return [first, ...others];
  });

interface Cloned {
  readonly clones: CloneTests;
  readonly cloned: readonly BootedMachine[];
  /** The image that they were made of. */
  readonly subject: Subject;
  readonly work: string;
  readonly context: StageContext;
}

export const compareClones = async ({ clones, cloned, subject, work, context }: Cloned): Promise<TestResult[]> => {
  const broken = cloned.find(({ isWhole, facts }) => !isWhole || facts === undefined);
  if (broken !== undefined)
    return [
      resultOf(
        'clones',
        { rule: 'tests/clones', name: 'compared' },
        unjudged(`${broken.tested.name} was not judged and powered off by itself`),
      ),
    ];
  await using opened = new AsyncDisposableStack();
  const read = await sideBySide(cloned, context.signal, async (one, signal): Promise<Clone[]> => {
    if (one.facts === undefined) return [];
    const path = join(work, `${one.tested.name}.raw`);
    opened.defer(() => rm(path, { force: true }));
    await convert({ path: one.overlay, format: 'qcow2' }, { path, format: 'raw' }, { ...context, signal });
    const disk = opened.use(await openSubject(path, signal));
    return [
      {
        tree: disk.tree,
        facts: one.facts,
        packages: (disk.database?.packages ?? []).map(({ name, version }) => `${name} ${version}`),
        enabled: (await unitFacts(disk)).enabled,
        accounts: (await accountsIn(disk.files)).map(({ name, uid }) => `${name} (${uid})`),
      },
    ];
  });
  return await compareAll({
    image: subject.tree,
    clones: read.flat(),
    tests: clones,
    known: knownIds(subject),
    ours: (path) => path.endsWith(`/${DOOR_SERVICE}`) || path === PATIENCE,
  });
};

/** Of the disk, which all have: first boot may well write them down. */
const knownIds = ({ files }: Subject): ReadonlySet<string> =>
  new Set(
    files.table.partitions
      .flatMap(({ uuid, partitionUuid }) => [uuid, partitionUuid])
      .flatMap((id) => (id === undefined ? [] : [id.toLowerCase(), id.toLowerCase().replaceAll('-', '')])),
  );
