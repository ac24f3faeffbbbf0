/** The rows of the comparison over a stock image. */

import { figure, type Sample } from '../packer/results.ts';
import { type Row, ratio, under } from '../packer/rows.ts';

export const TOOLS = ['ingot', 'packer'] as const;
export type Tool = (typeof TOOLS)[number];

export const PARTS = ['cold', 'unchanged', 'first over it', 'next over it'] as const;
export type Part = (typeof PARTS)[number];

export type StockSample = Sample<Part, Tool>;

/** `plain` is Packer. */
export const stockRows = (samples: readonly StockSample[]): readonly Row[] => {
  const ingot = (part: Part, name: string) => figure(samples, part, 'ingot', name);
  const packer = (name: string) => figure(samples, 'cold', 'packer', name);
  const row = (name: string, part: Part, of: string, more: Omit<Row, 'name' | 'unit' | 'ingot'> = {}): Row => ({
    ...{ name, unit: of === 'image' ? 'MB' : 's', ingot: ingot(part, of) },
    ...more,
  });
  return [
    row('cold build', 'cold', 'seconds', { plain: packer('seconds'), aim: ratio(0.5) }),
    row('– of it without a machine', 'cold', 'host', { plain: packer('host'), aim: under(40) }),
    row('unchanged build', 'unchanged', 'seconds', { plain: packer('seconds'), aim: ratio(0.05) }),
    row('image, compressed qcow2', 'cold', 'image', { plain: packer('image') }),
    row('the first recipe over it: until its machine starts', 'first over it', 'configuring', { aim: under(3) }),
    row('each further one: until its machine starts', 'next over it', 'configuring', { aim: under(3) }),
    row('each further one: without a machine', 'next over it', 'host'),
    row('each further one: whole build', 'next over it', 'seconds'),
  ];
};
