/** Times out of the lines that Packer prints. */
import type { Line } from './watched.ts';

export interface PackerTimes {
  /** Seconds from the start until the installed system could be logged into, and what the conversion took. */
  readonly ssh: number;
  readonly convert: number;
  /** From the start of its machine until that is off. */
  readonly machine: number;
}

export const packerTimes = (lines: readonly Line[]): PackerTimes => {
  const find = (words: RegExp, from = 0): number =>
    lines.findIndex(({ text }, index) => index >= from && words.test(text));
  const at = (index: number, what: string): number => {
    const line = lines[index];
    if (line === undefined) throw new Error(`Packer said nothing of ${what}`);
    return line.at;
  };
  const converting = find(/Converting hard drive/);
  const began = at(converting, 'a conversion');
  return {
    ssh: at(find(/Connected to SSH/), 'SSH'),
    convert: at(find(/Build '.*' finished|Builds finished/, converting), 'its end') - began,
    machine: began - at(find(/Starting VM/), 'a machine'),
  };
};
