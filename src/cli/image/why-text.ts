/** Why a package is there, and what goes with it, as people read it. */
import { counted } from '../../counted.ts';
import type { Chain, Why } from '../../inspect/why.ts';
import { bytes } from '../../ui/format.ts';
import { flowed } from './columns.ts';

export const whyText = (
  { package: { name, version, architecture, size }, chains, removal }: Why,
  most: number,
): string => {
  const shown = chains.slice(0, most);
  const more = chains.length - shown.length;
  return [
    `${name} ${version} ${architecture}, ${bytes(size)}`,
    '',
    ...(chains.length === 0 ? ['Nothing asks for it: apt would remove it as no longer needed.'] : ['why it is there']),
    ...shown.flatMap(chainLines),
    ...(more > 0 ? [`  … and ${counted(more, 'reason')} more (--most ${chains.length})`] : []),
    '',
    'what goes with it',
    ...(removal.breaks.length === 0 ? ['  nothing needs it'] : flowed('  breaks    ', removal.breaks)),
    ...(removal.essential.length === 0 ? [] : flowed('  apt refuses, since these are essential: ', removal.essential)),
    ...(removal.unneeded.length === 0 ? [] : flowed('  unneeded  ', removal.unneeded)),
    `  together  ${counted(1 + removal.breaks.length + removal.unneeded.length, 'package')}, ${bytes(removal.size)}`,
  ].join('\n');
};

const BECAUSE: Readonly<Record<Chain['because'], string>> = { manual: 'asked for', essential: 'essential' };

/** `cloud-init (depends) → python3 (pre-depends) → python3-minimal` */
const chainLines = ({ from, because, steps }: Chain): string[] =>
  flowed(`  ${BECAUSE[because]}  `, [from, ...steps.map(({ kind, name }) => `(${kind}) → ${name}`)], ' ');
