/** A unit: whether it starts by itself, as the disk says, and whether it is active after the boot. */
import { posix } from 'node:path';
import type { FileNode } from '../../capture/file-tree.ts';
import type { ServiceCheck } from '../../recipe/schema/test-checks-schema.ts';
import type { Facts } from '../facts.ts';
import { nodeAt, type Outside } from '../outside.ts';
import { fails, holds, type Outcome, type Planned, unjudged } from '../planned.ts';

export const serviceChecks = ({ name, enabled, running }: ServiceCheck): Planned[] => {
  const unit = unitOf(name);
  return [
    ...(enabled === undefined
      ? []
      : [
          {
            rule: 'tests/service-enabled',
            name: `service ${name} is ${enabled ? '' : 'not '}enabled`,
            outside: (image: Outside) => judgeEnabled(unit, enabled, image),
          },
        ]),
    ...(running === undefined
      ? []
      : [
          {
            rule: 'tests/service-running',
            name: `service ${name} is ${running ? '' : 'not '}running`,
            asks: { units: [unit] },
            inside: (facts: Facts) => judgeRunning(unit, running, facts),
          },
        ]),
  ];
};

const unitOf = (name: string): string =>
  /\.(service|socket|timer|target|mount|path|slice|swap|automount|device|scope)$/.test(name) ? name : `${name}.service`;

const judgeEnabled = async (unit: string, enabled: boolean, image: Outside): Promise<Outcome> => {
  const state = await enablement(unit, image);
  const where = unit;
  const isRight = enabled ? STARTED.includes(state) : !['enabled', 'enabled by SysV'].includes(state);
  if (isRight) return holds(`${unit} is ${state}`);
  return fails(`${unit} is ${state}`, { wanted: enabled ? 'enabled' : 'not enabled', found: state, where });
};

type Enablement = 'enabled' | 'enabled by SysV' | 'masked' | 'alias' | 'static' | 'linked' | 'disabled' | 'not there';

/** systemctl(1), is-enabled: what has no [Install] section is started by others, and so is another name of a unit. */
const STARTED: readonly Enablement[] = ['enabled', 'enabled by SysV', 'alias', 'static'];
const FOLDERS = [
  '/etc/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

const enablement = async (unit: string, image: Outside): Promise<Enablement> => {
  const { enabled, masked } = await image.units();
  if (masked.includes(unit)) return 'masked';
  if (enabled.some((one) => one.unit === unit)) return 'enabled';
  if ([...image.tree.values()].some((node) => enables(node, unit))) return 'enabled';
  const script = unit.replace(/\.service$/, '');
  if ([...image.tree.keys()].some((path) => /^\/etc\/rc[2345]\.d\/S\d\d(.+)$/.exec(path)?.[1] === script))
    return 'enabled by SysV';
  const names = [unit, unit.replace(/@[^.]*\./, '@.')];
  for (const path of FOLDERS.flatMap((folder) => names.map((name) => `${folder}/${name}`))) {
    const node = await nodeAt(image, path);
    if (node === undefined) continue;
    if (!FOLDERS.includes(posix.dirname(placeOf(node)))) return 'linked';
    if (isAlias(node)) return 'alias';
    return /^\s*\[Install\]/m.test((await image.files.text(path)) ?? '') ? 'disabled' : 'static';
  }
  return 'not there';
};

/** A link of the administrator's: that something wants a unit, or another name for it. */
const enables = (node: FileNode, unit: string): boolean => {
  if (!node.path.startsWith('/etc/systemd/system/') || posix.basename(placeOf(node)) !== unit) return false;
  return /\.(wants|requires|upholds)$/.test(posix.dirname(node.path)) || isAlias(node);
};

/** Where a link leads; the path itself of what is none. */
const placeOf = ({ path, target }: FileNode): string =>
  target === undefined ? path : posix.resolve(posix.dirname(path), target);

/** A link in a folder of units to another name there. One that leads elsewhere only makes a unit known (`systemctl link`). */
const isAlias = (node: FileNode): boolean =>
  node.target !== undefined &&
  posix.basename(placeOf(node)) !== posix.basename(node.path) &&
  [node.path, placeOf(node)].every((path) => FOLDERS.includes(posix.dirname(path)));

/** One that runs once and ends is inactive after it has succeeded. */
const judgeRunning = (unit: string, running: boolean, { units }: Facts): Outcome => {
  const state = units.get(unit);
  if (state === undefined) return unjudged(`the guest says nothing of ${unit}`);
  const { load, active, sub, type, result, hasEnded } = state;
  const hasDone = type === 'oneshot' && active === 'inactive' && hasEnded && result === 'success';
  const told = load === 'not-found' ? 'not there' : `${active} (${sub}${result === 'success' ? '' : `, ${result}`})`;
  const isActive = active === 'active' || hasDone;
  if (isActive === running) return holds(`${unit} is ${told}`);
  return fails(`${unit} is ${told}`, { wanted: running ? 'active' : 'not active', found: told, where: unit });
};
