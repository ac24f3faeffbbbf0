/** The rows of the comparison: what is compared, with what Packer does for the same wish, and the aim. */
import { figure, type Part, type Sample } from './results.ts';

export type Unit = 's' | 'ms' | 'MB' | '%';

export interface Row {
  readonly name: string;
  readonly unit: Unit;
  readonly ingot: number | undefined;
  readonly plain?: number | undefined;
  readonly tuned?: number | undefined;
  readonly aim?: Aim;
}

/** The most that is aimed at: of the figure itself, or of its ratio to Packer's with the plain medium. */
export interface Aim {
  readonly of: 'figure' | 'ratio';
  readonly most: number;
  readonly below?: boolean;
}

export const rowsOf = (samples: readonly Sample[]): readonly Row[] => {
  const ingot = (part: Part, name: string) => figure(samples, part, 'ingot', name);
  const packer = (name: string) => ({
    plain: figure(samples, 'cold', 'packer-plain', name),
    tuned: figure(samples, 'cold', 'packer-tuned', name),
  });
  return [
    { name: 'cold build', unit: 's', ingot: ingot('cold', 'seconds'), ...packer('seconds'), aim: ratio(0.5) },
    { name: 'unchanged rebuild', unit: 's', ingot: ingot('rebuild', 'seconds'), ...packer('seconds'), aim: under(1) },
    {
      name: 'last step changed: until SSH',
      unit: 's',
      ingot: ingot('changed', 'ssh'),
      ...packer('ssh'),
      aim: under(5),
    },
    {
      name: 'last step changed: whole rebuild',
      unit: 's',
      ingot: ingot('changed', 'seconds'),
      ...packer('seconds'),
      aim: ratio(0.08),
    },
    { name: 'image, compressed qcow2', unit: 'MB', ingot: ingot('cold', 'image'), ...packer('image'), aim: ratio(1) },
    {
      name: 'capture: the image made',
      unit: 's',
      ingot: ingot('cold', 'convert'),
      ...packer('convert'),
      aim: ratio(0.3),
    },
    { name: 'capture: with the image examined', unit: 's', ingot: ingot('cold', 'capture') },
    { name: 'own share of the processor time', unit: '%', ingot: ingot('cold', 'ownShare'), aim: under(0.03) },
    { name: 'own memory, peak', unit: 'MB', ingot: ingot('cold', 'memory'), aim: under(150e6) },
    { name: '`--help`', unit: 'ms', ingot: ingot('help', 'seconds'), aim: under(0.15) },
  ];
};

export const ratio = (most: number): Aim => ({ of: 'ratio', most });
export const under = (most: number): Aim => ({ of: 'figure', most, below: true });

export const ratioOf = ({ ingot, plain }: Row): number | undefined =>
  ingot === undefined || plain === undefined ? undefined : ingot / plain;

/** Undefined without an aim or without a figure. */
export const isReached = (row: Row): boolean | undefined => {
  const { aim, ingot } = row;
  const value = aim?.of === 'ratio' ? ratioOf(row) : ingot;
  if (aim === undefined || value === undefined) return undefined;
  return aim.below ? value < aim.most : value <= aim.most;
};

const SCALES: Record<Unit, number> = { s: 1, ms: 1000, MB: 1e-6, '%': 100 };

/** `431.2 s`; three digits or so. */
export const shown = (value: number | undefined, unit: Unit): string => {
  if (value === undefined) return '–';
  const scaled = value * SCALES[unit];
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${unit}`;
};

export const aimText = ({ aim, unit }: Row): string => {
  if (aim === undefined) return '';
  const most = aim.of === 'ratio' ? `${aim.most} ×` : `${+(aim.most * SCALES[unit]).toPrecision(3)} ${unit}`;
  return `${aim.below ? '<' : '≤'} ${most}`;
};
