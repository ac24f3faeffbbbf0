/** ISOLINUX menus: what is read from them, what an edit leaves alone, how the unattended entry starts. */
import t from 'tap';
import { installerEntry } from '../../../src/media/menus/entry.ts';
import { parseSyslinux } from '../../../src/media/menus/syslinux.ts';
import { setSyslinuxArguments } from '../../../src/media/menus/syslinux-edit.ts';
import { syslinuxEntries, unattendSyslinux } from '../../../src/media/menus/unattend-syslinux.ts';
import type { Unattended } from '../../../src/media/menus/unattended.ts';
import { SPEC } from './unattended-spec.ts';

/** The layout of Debian's media: a main file, a menu that includes others, an entry file for each way to install. */
const DEBIAN: ReadonlyMap<string, string> = new Map([
  ['/isolinux/isolinux.cfg', '# main\npath \ninclude menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n'],
  [
    '/isolinux/menu.cfg',
    [
      'menu hshift 7',
      'menu title Installer',
      'include gtk.cfg',
      'include txt.cfg',
      'menu begin advanced',
      '\tmenu label ^Advanced options',
      '\tinclude adtxt.cfg',
      'menu end',
      'menu clear',
      'label help',
      '\tmenu label ^Help',
      '\ttext help',
      '   timeout 9 is help text here, not a directive',
      '\tendtext',
      '\tconfig prompt.cfg',
      'menu autoboot Speech starts in # seconds',
      'timeout 300',
      'ontimeout /install.amd/vmlinuz initrd=/install.amd/gtk/initrd.gz speakup.synth=soft --- quiet',
      '',
    ].join('\n'),
  ],
  [
    '/isolinux/gtk.cfg',
    'default installgui\nlabel installgui\n\tmenu label ^Graphical install\n\tmenu default\n\tkernel /install.amd/vmlinuz\n\tappend vga=788 initrd=/install.amd/gtk/initrd.gz --- quiet \n',
  ],
  [
    '/isolinux/txt.cfg',
    'label install\r\n\tmenu label ^Install\r\n\tkernel /install.amd/vmlinuz\r\n\tappend vga=788 initrd=/install.amd/initrd.gz --- quiet \r\n',
  ],
  [
    '/isolinux/adtxt.cfg',
    'LABEL rescue\n\tMENU LABEL Rescue mode\n\tLINUX /install.amd/vmlinuz\n\tINITRD /install.amd/initrd.gz\n\tAPPEND rescue/enable=true\n',
  ],
]);

const ROOT = { main: '/isolinux/isolinux.cfg', folder: '/isolinux' };

t.test('syslinux: entries are found through includes, in their order', (t) => {
  const entries = syslinuxEntries(DEBIAN, ROOT);
  t.strictSame(
    entries.map(({ id, title, kernel, initrds, arguments: words }) => [id, title, kernel ?? '-', ...initrds, ...words]),
    [
      [
        'installgui',
        'Graphical install',
        '/install.amd/vmlinuz',
        '/install.amd/gtk/initrd.gz',
        'vga=788',
        '---',
        'quiet',
      ],
      ['install', 'Install', '/install.amd/vmlinuz', '/install.amd/initrd.gz', 'vga=788', '---', 'quiet'],
      ['rescue', 'Rescue mode', '/install.amd/vmlinuz', '/install.amd/initrd.gz', 'rescue/enable=true'],
      ['help', 'Help', '-'],
    ],
  );
  t.equal(installerEntry(entries)?.id, 'install');
  const [chain] = parseSyslinux('append common=1\nlabel a\n kernel chain.c32\n append -\n').entries;
  t.match(chain, { kernel: undefined, arguments: [] });
  t.strictSame(parseSyslinux('append common=1\nlabel a\n linux v\n').entries[0]?.arguments, ['common=1']);
  t.end();
});

t.test('syslinux: an argument changes one line', (t) => {
  const text = DEBIAN.get('/isolinux/txt.cfg') ?? '';
  const set = { installer: ['vga=normal'], target: ['net.ifnames=0'] };
  const after = setSyslinuxArguments(text, 'install', set);
  t.equal(
    after,
    text.replace(/append.*\r/, 'append initrd=/install.amd/initrd.gz vga=normal --- quiet net.ifnames=0\r'),
  );
  t.equal(setSyslinuxArguments(text, 'no such label', set), text);
  t.equal(setSyslinuxArguments(after, 'install', set), after);
  t.end();
});

t.test('syslinux: the unattended entry, by the way it starts', (t) => {
  const unattended = (spec: Partial<Unattended>, files = DEBIAN, modules: readonly string[] = []) => {
    const has = (name: string) => modules.includes(name);
    const changed = unattendSyslinux(files, ROOT, { ...SPEC, ...spec }, has);
    const after = new Map([...files, ...changed]);
    return { after, changed, main: after.get('/isolinux/isolinux.cfg') ?? '' };
  };
  const ask = unattended({});
  t.strictSame([...ask.changed.keys()].sort(), ['/isolinux/gtk.cfg', '/isolinux/isolinux.cfg', '/isolinux/menu.cfg']);
  t.equal(
    ask.main,
    '# main\npath \ninclude menu.cfg\ndefault vesamenu.c32\n# prompt 0\n# timeout 0\nprompt 0\ntimeout 0\n',
  );
  const menu = ask.after.get('/isolinux/menu.cfg') ?? '';
  t.match(menu, /^# timeout 300$/m);
  t.match(menu, /^# ontimeout /m);
  t.match(menu, /^# menu autoboot/m);
  t.match(menu, /^ {3}timeout 9 is help text/m);
  const entries = syslinuxEntries(ask.after, ROOT);
  t.strictSame(
    entries.map(({ id }) => id),
    ['ingot', 'installgui', 'install', 'rescue', 'help'],
  );
  t.match(entries[0], {
    title: 'Install web01 (ERASES THE DISK)',
    kernel: '/install.amd/vmlinuz',
    initrds: ['/install.amd/initrd.gz', '/ingot/initrd.gz'],
    arguments: ['auto=true', 'console=ttyS0,115200n8', '---', 'console=ttyS0'],
  });
  const active = [...ask.after.values()].join('\n').match(/^\s*menu default$/gm);
  t.equal(active?.length, 1, 'one entry is the default one');

  t.match(unattended({ start: 'countdown' }).main, /prompt 0\ntimeout 300\n$/);
  const now = unattended({ start: 'now', serial: true });
  t.match(now.main, /^serial 0 115200\n/);
  t.match(now.main, /# default vesamenu\.c32\n[\s\S]*\ndefault ingot\nprompt 0\ntimeout 0\n$/);
  const bare = new Map([['/isolinux/isolinux.cfg', 'default linux\nlabel linux\n kernel v\n append initrd=i\n']]);
  t.match(
    unattended({}, bare, ['menu.c32', 'libutil.c32']).main,
    /ui menu\.c32\ndefault ingot\nprompt 0\ntimeout 0\n$/,
  );
  t.match(
    unattended({}, bare).main,
    /say Press Enter to start: Install web01 \(ERASES THE DISK\)\nprompt 1\ntimeout 0\n$/,
  );
  t.equal(unattended({}, new Map([['/isolinux/isolinux.cfg', 'default x\nlabel x\n kernel v\n']])).changed.size, 0);
  t.end();
});
