/** Boot menus: what is read from them, what an edit leaves alone, and what GRUB's own checker says of the result. */
import fc from 'fast-check';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { setArguments, splitArguments, unattendedArguments } from '../../src/media/menus/arguments.ts';
import { installerEntry } from '../../src/media/menus/entry.ts';
import { grubEntries, sourcesOf } from '../../src/media/menus/grub.ts';
import { grubEntry, insertBeforeEntries, setGrubArguments } from '../../src/media/menus/grub-edit.ts';
import { grubQuote, tokensOf } from '../../src/media/menus/grub-lexer.ts';
import { parseSyslinux } from '../../src/media/menus/syslinux.ts';
import { setSyslinuxArguments, syslinuxEntry } from '../../src/media/menus/syslinux-edit.ts';
import { unattendGrub } from '../../src/media/menus/unattend-grub.ts';
import { syslinuxEntries, unattendSyslinux } from '../../src/media/menus/unattend-syslinux.ts';
import { titleOf, type Unattended } from '../../src/media/menus/unattended.ts';

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

const SPEC: Unattended = {
  start: 'ask',
  title: titleOf('Install web01'),
  arguments: { installer: ['auto=true', 'console=ttyS0,115200n8'], target: ['console=ttyS0'] },
  initrds: ['/ingot/initrd.gz'],
  serial: false,
};

t.test('kernel arguments keep to their side of ---', (t) => {
  const words = ['vga=788', 'console=tty0', '---', 'quiet', 'console=tty0'];
  t.strictSame(splitArguments(words), { installer: ['vga=788', 'console=tty0'], target: ['quiet', 'console=tty0'] });
  t.strictSame(setArguments(words, { installer: ['console=ttyS0', 'a/b=c'], target: [] }), [
    ...['vga=788', 'console=ttyS0', 'a/b=c', '---', 'quiet', 'console=tty0'],
  ]);
  t.strictSame(setArguments([], { installer: [], target: ['x'] }), ['---', 'x']);
  t.strictSame(setArguments(['a', '--', 'b'], { installer: ['c'], target: ['b'] }), ['a', 'c', '---', 'b']);
  t.strictSame(unattendedArguments(['vga=788', 'inst.stage2=hd:LABEL=X', 'quiet', '---', 'quiet'], SPEC.arguments), [
    'inst.stage2=hd:LABEL=X',
    'auto=true',
    'console=ttyS0,115200n8',
    '---',
    'console=ttyS0',
  ]);
  for (const word of ['two words', 'line\nbreak', 'a'.repeat(2001)]) {
    t.throws(() => unattendedArguments([], { installer: [word], target: [] }), { code: 'media.arguments' });
  }
  t.end();
});

const BARE_ENTRY = { id: 'x', kernel: '/v', initrds: ['/i'], arguments: [] };

t.test('the title says what happens to the disk', (t) => {
  t.equal(titleOf('Install web01'), 'Install web01 (ERASES THE DISK)');
  t.equal(titleOf('Install - erases everything'), 'Install - erases everything');
  t.equal(titleOf('a\nlabel ^b ü 1.0~rc1'), 'a?label ?b ? 1.0~rc1 (ERASES THE DISK)');
  t.equal(titleOf('x'.repeat(200)), `${'x'.repeat(60)} (ERASES THE DISK)`);
  t.throws(() => titleOf(' \n'.trim()), { code: 'media.menu-title' });
  const quoted = syslinuxEntry({ ...BARE_ENTRY, title: titleOf("it's $5") }, false);
  t.match(quoted, /^\tmenu label it's \$5 \(ERASES THE DISK\)$/m);
  const grub = grubEntry({ ...BARE_ENTRY, title: titleOf("it's $5 `x`") }, { linux: 'linux', initrd: 'initrd' });
  t.equal(grubEntries(grub)[0]?.title, "it's $5 `x` (ERASES THE DISK)");
  t.end();
});

t.test('syslinux: entries are found through includes, in their order', (t) => {
  const entries = syslinuxEntries(DEBIAN, '/isolinux/isolinux.cfg');
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
    const changed = unattendSyslinux(files, '/isolinux/isolinux.cfg', { ...SPEC, ...spec }, has);
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
  const entries = syslinuxEntries(ask.after, '/isolinux/isolinux.cfg');
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

const GRUB = `# a comment with { and 'quote
if [ x$feature_default_font_path = xy ] ; then
   font=unicode
else
   font=$prefix/font.pf2
fi
set timeout_style=countdown; set timeout=30
if loadfont $font ; then set gfxmode=800x600 ; fi
menuentry --hotkey=g 'Graphical install' {
    set background_color=black
    linux    /install.amd/vmlinuz vga=788 --- quiet
    initrd   /install.amd/gtk/initrd.gz
}
menuentry --class x --id "plain" "Install it's \\$5" {
    linux    /install.amd/vmlinuz "a $b" vga=788 \\
             ds='nocloud;s=/x' --- quiet  # trailing
    initrd   /install.amd/initrd.gz
}
submenu --hotkey=a 'Advanced options ...' {
    menuentry '... Rescue mode' {
        linux    ($root)/install.amd/vmlinuz rescue/enable=true
        initrd   ($root)/install.amd/initrd.gz
    }
}
`;

const checks = async (text: string): Promise<string> =>
  (await run('grub-script-check', [], { input: text, allow: [0, 1] })).stderr;

t.test('GRUB: entries, words and quotes', (t) => {
  t.strictSame(
    grubEntries(GRUB).map(({ id, title, kernel, initrds, arguments: words }) => [id, title, kernel, initrds, words]),
    [
      [
        ...['Graphical install', 'Graphical install', '/install.amd/vmlinuz'],
        ...[['/install.amd/gtk/initrd.gz'], ['vga=788', '---', 'quiet']],
      ],
      [
        ...['plain', "Install it's $5", '/install.amd/vmlinuz', ['/install.amd/initrd.gz']],
        ['a $b', 'vga=788', 'ds=nocloud;s=/x', '---', 'quiet'],
      ],
      [
        ...['... Rescue mode', '... Rescue mode', '($root)/install.amd/vmlinuz', ['($root)/install.amd/initrd.gz']],
        ['rescue/enable=true'],
      ],
    ],
  );
  t.equal(installerEntry(grubEntries(GRUB))?.id, 'plain');
  t.strictSame(sourcesOf('source $prefix/a.cfg\nif [ -e /b ]; then configfile "/b c"; fi\n. (hd0)/d\n'), [
    { kind: 'source', path: '$prefix/a.cfg' },
    { kind: 'configfile', path: '/b c' },
    { kind: 'source', path: '(hd0)/d' },
  ]);
  const [ubuntu] = grubEntries("menuentry 'U' $menuentry_id_option 'u-id' { linuxefi /v x; initrdefi /i; }");
  t.match(ubuntu, { id: 'u-id', title: 'U', kernel: '/v', initrds: ['/i'], arguments: ['x'] });
  t.doesNotThrow(() => grubEntries('menuentry "never closed {\n linux \'x'));
  t.end();
});

t.test('GRUB: an argument changes its command only, and the result parses', async (t) => {
  const after = setGrubArguments(GRUB, 'plain', { installer: ['vga=normal', 'x=a;b'], target: ['net.ifnames=0'] });
  t.equal(
    after,
    GRUB.replace(
      /"a \$b" vga=788 [\s\S]*?--- quiet {2}#/,
      `"a $b" ds='nocloud;s=/x' vga=normal 'x=a;b' --- quiet net.ifnames=0  #`,
    ),
  );
  t.equal(await checks(after), '');
  t.equal(setGrubArguments(GRUB, 'no such entry', { installer: ['x'], target: [] }), GRUB);
  const none = setGrubArguments("menuentry 'a' {\nlinux /v\ninitrd /i\n}\n", 'a', { installer: ['x'], target: [] });
  t.equal(none, "menuentry 'a' {\nlinux /v x\ninitrd /i\n}\n");
});

t.test('GRUB: the unattended entry comes first and decides the start', async (t) => {
  const files = new Map([
    ['/boot/grub/grub.cfg', GRUB],
    ['/boot/grub/x86_64-efi/grub.cfg', 'insmod part_gpt\nsource /boot/grub/grub.cfg\n'],
    ['/boot/grub/theme.cfg', 'set color_normal=white/black\n'],
  ]);
  for (const [start, timeout] of [
    ['now', '0'],
    ['countdown', '30'],
    ['ask', '-1'],
  ] as const) {
    const changed = unattendGrub(files, { ...SPEC, start, serial: start === 'now' });
    t.strictSame([...changed.keys()], ['/boot/grub/grub.cfg']);
    const text = changed.get('/boot/grub/grub.cfg') ?? '';
    t.match(text.split('\n').slice(-4), ['set default=ingot', 'set timeout_style=menu', `set timeout=${timeout}`, '']);
    t.equal(/^terminal_output console serial$/m.test(text), start === 'now');
    const [first, ...others] = grubEntries(text);
    t.match(first, {
      id: 'ingot',
      title: 'Install web01 (ERASES THE DISK)',
      initrds: ['/install.amd/initrd.gz', '/ingot/initrd.gz'],
      arguments: ['a $b', 'ds=nocloud;s=/x', 'auto=true', 'console=ttyS0,115200n8', '---', 'console=ttyS0'],
    });
    t.strictSame(
      others.map(({ id, arguments: words }) => [id, words]),
      grubEntries(GRUB).map((one) => [one.id, one.arguments]),
    );
    t.match(text, /^\tlinux \/install\.amd\/vmlinuz "a \$b" ds='nocloud;s=\/x' auto=true/m);
    t.equal(await checks(text), '');
  }
});

t.test('GRUB: menus that are sourced, handed over to, conditional, or use linuxefi', async (t) => {
  const entry = "menuentry 'Install' {\n  linuxefi ($dev)/v\n  initrdefi ($dev)/i\n}\n";
  const sourced = unattendGrub(
    new Map([
      ['/EFI/BOOT/grub.cfg', 'source $prefix/m.cfg\n'],
      ['/EFI/BOOT/m.cfg', entry],
    ]),
    SPEC,
  );
  t.match(sourced.get('/EFI/BOOT/m.cfg'), /^\tinitrdefi \(\$dev\)\/i \(\$dev\)\/ingot\/initrd\.gz$/m);
  t.match(sourced.get('/EFI/BOOT/m.cfg'), /^\tlinuxefi \(\$dev\)\/v auto=true/m);
  t.match(sourced.get('/EFI/BOOT/grub.cfg'), /set default=ingot/);
  const handed = unattendGrub(
    new Map([
      ['/EFI/BOOT/grub.cfg', 'configfile /boot/grub2/menu.cfg\n'],
      ['/boot/grub2/menu.cfg', entry],
    ]),
    SPEC,
  );
  t.strictSame([...handed.keys()], ['/boot/grub2/menu.cfg']);
  const conditional = insertBeforeEntries(`set a=b\nif [ "$a" = b ]; then\n${entry}fi\n`, '# here\n');
  t.match(conditional, /^set a=b\n# here\n\nif /);
  t.equal(await checks(conditional), '');
  t.end();
});

t.test('GRUB quoting is undone by reading, whatever the word', (t) => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((word) => !/\n/.test(word)),
      (word) => {
        const [token, ...others] = tokensOf(grubQuote(word));
        return token?.value === word && others.length === 0;
      },
    ),
  );
  t.end();
});
