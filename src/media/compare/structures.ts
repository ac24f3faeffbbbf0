/** Boot structures and directory trees of two media, side by side. */
import type { IsoNode } from '../iso/iso-tree.ts';
import type { BootReport, ReportedPartition } from '../iso/xorriso-report.ts';
import type { DifferenceList } from './difference-list.ts';

export const compareBoot = (a: BootReport, b: BootReport, list: DifferenceList): void => {
  const rows = <T>(name: string, left: readonly T[], right: readonly T[], shown: (row: T) => string): void => {
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      const [was, is] = [left[index], right[index]];
      list.compare(
        'boot',
        `${name} ${index + 1}`,
        was === undefined ? '' : shown(was),
        is === undefined ? '' : shown(is),
      );
    }
  };
  rows('El Torito entry', a.elTorito, b.elTorito, (image) =>
    [
      image.platform,
      image.bootable ? 'bootable' : 'not bootable',
      image.emulation === 'none' ? 'no emulation' : image.emulation,
      image.path ?? '(no file)',
      `block ${image.lba}`,
      ...image.options,
    ].join(', '),
  );
  list.compare('boot', 'system area', a.systemArea.join(' '), b.systemArea.join(' '));
  rows('MBR partition', a.mbr, b.mbr, shownPartition);
  rows('GPT partition', a.gpt, b.gpt, shownPartition);
  rows('APM partition', a.apm, b.apm, shownPartition);
};

const shownPartition = ({ type, name, active, start, blocks, path }: ReportedPartition): string =>
  [type, ...(name === undefined ? [] : [name]), ...(active ? ['active'] : []), `sector ${start}`, `${blocks} sectors`]
    .concat(path === undefined ? [] : [path])
    .join(', ');

/** A file of several extents has several nodes. */
type Tree = ReadonlyMap<string, readonly IsoNode[]>;

export const compareTrees = (a: readonly IsoNode[], b: readonly IsoNode[], list: DifferenceList): void => {
  const [left, right] = [treeOf(a), treeOf(b)];
  for (const path of left.keys()) if (!right.has(path)) list.add('tree', path, 'only in A');
  for (const path of right.keys()) if (!left.has(path)) list.add('tree', path, 'only in B');
  for (const [path, was] of left) {
    const is = right.get(path);
    if (is === undefined) continue;
    if (kindOf(was) !== kindOf(is)) list.add('tree', path, `${kindOf(was)} / ${kindOf(is)}`);
    compareAttributes(path, was[0], is[0], list);
    list.compare('layout', path, placeOf(was), placeOf(is));
  }
};

const treeOf = (nodes: readonly IsoNode[]): Tree => Map.groupBy(nodes, ({ path }) => path);

const kindOf = ([node]: readonly IsoNode[]): string =>
  node?.isDirectory ? 'directory' : node?.attributes['link'] === undefined ? 'file' : 'link';

const compareAttributes = (
  path: string,
  a: IsoNode | undefined,
  b: IsoNode | undefined,
  list: DifferenceList,
): void => {
  for (const name of new Set([...Object.keys(a?.attributes ?? {}), ...Object.keys(b?.attributes ?? {})]))
    list.compare('attributes', `${path}, ${name}`, a?.attributes[name] ?? '', b?.attributes[name] ?? '');
};

/** Empty files lie nowhere. */
const placeOf = (nodes: readonly IsoNode[]): string =>
  nodes
    .filter(({ size }) => size > 0)
    .map(({ lba }) => `block ${lba}`)
    .join(', ');
