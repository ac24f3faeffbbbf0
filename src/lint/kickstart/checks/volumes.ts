/** Logical volumes: their group, their pool, and each name once. */
import { hasOption, optionOf } from '../arguments.ts';
import { shown } from '../findings.ts';
import { type CheckContext, named } from './context.ts';

export const checkVolumes = (context: CheckContext, groups: ReadonlySet<string>): void => {
  const volumes = named(context, 'logvol');
  /** Those of the lines before. */
  const pools = new Set<string>();
  const names = new Map<string, number>();
  for (const { args, line } of volumes) {
    const group = optionOf(args, '--vgname');
    const name = optionOf(args, '--name');
    const existing = hasOption(args, '--useexisting', '--noformat');
    if (group?.value !== undefined && !groups.has(group.value) && !existing && !context.document.open)
      context.tell('undefined-reference', line, group.valueAt, `no volgroup defines ${shown(group.value)}`, {
        // Where nothing is cleared it may be on the disk.
        severity: named(context, 'clearpart', 'zerombr').length > 0 ? 'error' : 'warning',
      });
    const full = `${group?.value}/${name?.value}`;
    const before = names.get(full);
    if (name && before !== undefined)
      context.tell('duplicate-name', line, name.valueAt, `the volume ${shown(full)} was defined in line ${before}`);
    names.set(full, line.number);
    if (hasOption(args, '--thinpool')) pools.add(full);
    const pool = optionOf(args, '--poolname');
    if (
      pool?.value !== undefined &&
      hasOption(args, '--thin') &&
      !existing &&
      !context.document.open &&
      !pools.has(`${group?.value}/${pool.value}`)
    )
      context.tell(
        'undefined-reference',
        line,
        pool.valueAt,
        `no logvol with --thinpool before this line is called ${shown(pool.value)} in this volume group`,
      );
  }
};
