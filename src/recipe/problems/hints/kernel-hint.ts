/** Consoles and kernel arguments as boot loaders, shells and other systems write them. */
import { type Hint, write } from './hint.ts';

export const consoleHint: Hint = (value) => {
  const word = value
    .toLowerCase()
    .replace(/^console=/, '')
    .replace(/^\/dev\//, '');
  const [, port] = /^com(\d)$/.exec(word) ?? [];
  if (port !== undefined) return write(`ttyS${Number(port) - 1}`);
  if (/^(serial|ttys)$/.test(word)) return write('ttyS0');
  if (/^(screen|vga|tty|console)$/.test(word)) return write('tty0');
  const [, number, rest = ''] = /^(?:ttys|serial)(\d+)(,\d+\w*)?$/.exec(word) ?? [];
  if (number !== undefined) return write(`ttyS${number}${rest}`);
  const [, speed, more] = /^(\w+)[: ]+(\d+\w*)$/.exec(value) ?? [];
  if (speed !== undefined) return write(`${speed},${more}`);
  return word === value.toLowerCase() ? undefined : write(value.replace(/^console=/, '').replace(/^\/dev\//, ''));
};

export const kernelArgumentHint: Hint = (value) => {
  if (value === '---') return 'What stands before it goes into answers.installerArguments, what stands after it here.';
  if (/^(root|initrd|BOOT_IMAGE)=/.test(value)) return 'Leave it out: it is known when the system is installed.';
  const [, inside] = /^GRUB_CMDLINE_LINUX(?:_DEFAULT)?="?([^"]*)"?$/.exec(value) ?? [];
  if (inside !== undefined) return `The arguments alone, one an entry: [${inside.trim().split(/\s+/).join(', ')}].`;
  const quoted = value.replaceAll("'", '"');
  if (/^[^"]*=?"[^"]*"$/.test(quoted) && quoted !== value)
    return `The kernel only knows double quotation marks: ${write(quoted)}`;
  const words = value.trim().split(/\s+/);
  if (words.length > 1 && !/["'\\$`]/.test(value)) return `One argument is one entry: [${words.join(', ')}].`;
  if ((value.match(/"/g) ?? []).length % 2 === 1) return 'A quotation mark is missing.';
  return /[\\$`]/.test(value)
    ? 'Set it in a step instead, which no boot loader and no shell reads: /etc/default/grub.d.'
    : undefined;
};

export const installerArgumentHint: Hint = (value) => {
  const plain = value.replaceAll(/["']/g, '');
  return plain !== value && /^[!#%&(-[\]-_a-~]+$/.test(plain) ? write(plain) : kernelArgumentHint(value);
};
