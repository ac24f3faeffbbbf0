/** A package: installed, in a version, or not there. Read out of the package database on the disk. */
import { compareVersions, isVersion } from '../../formats/packages/versions/versions.ts';
import type { PackageCheck } from '../../recipe/schema/test-checks-schema.ts';
import type { Outside } from '../outside.ts';
import { fails, holds, type Outcome, type Planned, unjudged } from '../planned.ts';

export const packageChecks = (check: PackageCheck): Planned[] => [
  {
    rule: 'tests/package',
    name: `package ${check.name}${check.installed ? '' : ' is not installed'}`,
    outside: (image) => judge(check, image),
  },
];

const judge = ({ name, installed, version }: PackageCheck, { subject }: Outside): Outcome => {
  const { database, noDatabase } = subject;
  if (database === undefined) return unjudged(`${name}: ${noDatabase ?? 'there is no package database'}`);
  const found = database.packages.find((one) => one.name === name);
  const where = name;
  if (!installed) {
    if (found === undefined) return holds(`${name} is not installed`);
    return fails(`${name} ${found.version} is installed`, { wanted: 'not installed', found: found.version, where });
  }
  if (found === undefined)
    return fails(`${name} is not installed`, { wanted: 'installed', found: 'not installed', where });
  if (version === undefined) return holds(`${name} ${found.version}`);
  const [, sign = '=', than = ''] = /^(>=|<=|!=|>|<|=) *(\S+)$/.exec(version) ?? [];
  if (!isVersion('dpkg', than) || !isVersion('dpkg', found.version))
    return unjudged(`${name}: ${than} or ${found.version} is no version that dpkg knows`);
  const isRight = FITS[sign]?.(compareVersions('dpkg', found.version, than)) ?? false;
  if (isRight) return holds(`${name} ${found.version}`);
  return fails(`${name} is ${found.version}, not ${version}`, { wanted: version, found: found.version, where });
};

const FITS: Readonly<Record<string, (order: number) => boolean>> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
};
