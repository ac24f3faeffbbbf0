/**
 * The boot menus of an install medium, made as debian-cd does it: ISOLINUX has the boot screens of debian-installer with
 * other paths, and GRUB's menu has the same entries.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Netboot } from './netboot.ts';

const FOLDER = '/install.amd';
const NETBOOT = 'debian-installer/amd64';

/** Writes `isolinux/` below the medium's root; the programs come from other packages. */
export const writeIsolinux = async (netboot: Netboot, root: string): Promise<void> => {
  const to = join(root, 'isolinux');
  await mkdir(to, { recursive: true });
  for (const { bootScreens } of [netboot.gtk, netboot.text]) {
    for (const name of await readdir(bootScreens)) {
      if (name.endsWith('.c32')) continue;
      const content = await readFile(join(bootScreens, name));
      if (!/\.(cfg|txt)$/.test(name)) await writeFile(join(to, name), content);
      else await writeFile(join(to, name), onMedium(content.toString('latin1')), 'latin1');
    }
  }
  const texts = await Promise.all(['txt', 'adtxt', 'rqtxt', 'drk', 'addrk', 'rqdrk'].map((name) => menu(to, name)));
  for (const [name, text] of texts) {
    const graphical = name.endsWith('txt') ? `${name.slice(0, -'txt'.length)}gtk` : `${name}gtk`;
    await writeFile(join(to, `${graphical}.cfg`), inGraphics(text));
  }
  await writeFile(join(to, 'isolinux.cfg'), ISOLINUX);
};

const ISOLINUX = `# D-I config version 2.0
# search path for the c32 support libraries (libcom32, libutil etc.)
path 
include menu.cfg
default vesamenu.c32
prompt 0
timeout 0
`;

const menu = async (folder: string, name: string): Promise<readonly [string, string]> => {
  const text = await readFile(join(folder, `${name}.cfg`), 'utf8');
  // With a graphical entry beside it this one is not the default.
  const plain = text.replaceAll(/^\s*(default \S+|menu default)\n/gm, '');
  await writeFile(join(folder, `${name}.cfg`), plain);
  return [name, text];
};

const onMedium = (text: string): string =>
  text
    .replaceAll(`${NETBOOT}/boot-screens/`, '')
    .replaceAll(`${NETBOOT}/linux`, `${FOLDER}/vmlinuz`)
    .replaceAll(`initrd=${NETBOOT}/initrd.gz`, `initrd=${FOLDER}/initrd.gz`);

/** The same entries for the graphical installer. */
const inGraphics = (text: string): string => {
  const entries = text
    .replaceAll(/^(\s*(?:label|default) )(\S+?)(dark)?$/gm, '$1$2gui$3')
    .replaceAll(
      /^include rq(\w+)\.cfg$/gm,
      (_, name: string) => `include rq${name === 'txt' ? 'gtk' : `${name}gtk`}.cfg`,
    )
    .replaceAll(/^(\s*menu label )\^?(Install)$/gm, '$1^Graphical install')
    .replaceAll(/^(\s*menu label )(?:E\^xpert install)$/gm, '$1Graphical e^xpert install')
    .replaceAll(/^(\s*menu label )(?:\^Rescue mode)$/gm, '$1Graphical ^rescue mode')
    .replaceAll(/^(\s*menu label )(?:\^Automated install)$/gm, '$1Graphical ^automated install')
    .replaceAll(`${FOLDER}/initrd.gz`, `${FOLDER}/gtk/initrd.gz`);
  if (!/^label installgui$/m.test(entries)) return entries;
  return entries
    .replace('label installgui\n', 'default installgui\nlabel installgui\n')
    .replace('^Graphical install\n', '^Graphical install\n\tmenu default\n');
};

/** `boot/grub/grub.cfg`: the head of debian-installer's own, and the entries of the ISOLINUX menu. */
export const grubMenu = async (netboot: Netboot, isolinux: string): Promise<string> => {
  const own = await readFile(join(netboot.text.grub, 'grub.cfg'), 'utf8');
  const head = own.slice(0, own.search(/^menuentry/m));
  const lines = await included(isolinux, 'isolinux.cfg');
  return `${head}${entriesOf(lines).join('\n')}\n`;
};

const included = async (folder: string, name: string): Promise<string[]> => {
  const text = await readFile(join(folder, name), 'utf8').catch(() => '');
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const file = /^\s*include (.*\.cfg)/.exec(line)?.[1];
    lines.push(...(file === undefined ? [line] : await included(folder, file)));
  }
  return lines;
};

interface Entry {
  label: string;
  kernel?: string;
  append?: string;
}

const DARK = ['menu_color_normal=white/black', 'menu_color_highlight=yellow/black', 'color_normal=white/black'];

const entriesOf = (lines: readonly string[]): string[] => {
  const output: string[] = [];
  const menus: { readonly name: string; label: string; opened: boolean }[] = [];
  let entry: Entry | undefined;
  const write = (line: string) => output.push(`${'    '.repeat(menus.filter(({ opened }) => opened).length)}${line}`);
  const finish = () => {
    if (entry?.kernel !== undefined && entry.append !== undefined) {
      const initrd = /\binitrd=(\S+) ?/.exec(entry.append);
      write(`menuentry ${titled(entry.label, menus.length)} {`);
      write('    set background_color=black');
      write(`    linux    ${entry.kernel} ${entry.append.replace(initrd?.[0] ?? '', '')}`.trimEnd());
      write(`    initrd   ${initrd?.[1] ?? ''}`);
      write('}');
    }
    entry = undefined;
  };
  for (const line of lines.map((one) => one.trim())) {
    const [, word = '', rest = ''] = /^(menu \w+|label|kernel|append)\s*(.*)$/.exec(line) ?? [];
    const open = menus.at(-1);
    if (word === 'label') {
      finish();
      if (/rescue|install|auto|expert/.test(rest)) entry = { label: rest };
    } else if (word === 'menu begin') {
      finish();
      menus.push({ name: rest, label: rest, opened: false });
    } else if (word === 'menu end') {
      finish();
      menus.pop();
      write('}');
    } else if (word === 'menu title' && open !== undefined && !open.opened) {
      write(`submenu ${titled(`${open.label} ...`, menus.length - 1)} {`);
      open.opened = true;
      if (menus.some(({ name }) => name === 'dark')) for (const color of DARK) write(`set ${color}`);
      write('set gfxpayload=keep');
    } else if (word === 'menu label' && entry !== undefined) entry.label = rest;
    else if (word === 'menu label' && open !== undefined && !open.opened) open.label = rest;
    else if (word === 'kernel' && entry !== undefined) entry.kernel = rest;
    else if (word === 'append' && entry !== undefined) entry.append = rest;
  }
  finish();
  return output;
};

/** `^` stands before the key that chooses an entry. */
const titled = (label: string, depth: number): string => {
  const key = /\^(\S)/.exec(label)?.[1];
  const title = `${depth > 0 ? '... ' : ''}${label.replace('^', '')}`;
  return `${key === undefined ? '' : `--hotkey=${key.toLowerCase()} `}'${title}'`;
};
