/** Paths and modes in the guest as a shell takes them. */
import { type Hint, write } from './hint.ts';

export const guestPathHint: Hint = (value) => {
  if (value.startsWith('~')) return `No shell reads it. ${write(value.replace(/^~(root)?(?=\/|$)/, '/root'))}`;
  if (value.startsWith('$')) return 'No shell reads it: write the whole path.';
  return /^[a-z]:\\|\\/i.test(value) ? undefined : write(`/${value.replace(/^(\.\/)+/, '')}`);
};

/** `u+x`, `rwxr-xr-x` */
export const modeHint: Hint = (value) => {
  const bits = /^[-d]?((?:[r-][w-][xst-]){3})$/i.exec(value)?.[1]?.match(/.../g);
  if (bits)
    return write(
      `"0${bits.map((three) => (three.includes('r') ? 4 : 0) + (three.includes('w') ? 2 : 0) + (/[xst]$/.test(three) ? 1 : 0)).join('')}"`,
    );
  if (/^0?o?[0-7]{3,4}$/.test(value)) return `Quote it: "${value.replace(/^0?o/, '0')}".`;
  return /[+=-]/.test(value)
    ? 'The whole mode in numbers, quoted: "0755" for what is run, "0644" for other files.'
    : undefined;
};
