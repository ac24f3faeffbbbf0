/** GRUB menus: what is read from them, what an edit leaves alone, and what GRUB's own checker says of the result. */
import fc from 'fast-check';
import t from 'tap';
import { run } from '../../../src/host/run.ts';
import { installerEntry } from '../../../src/media/menus/entry.ts';
import { grubEntries, sourcesOf } from '../../../src/media/menus/grub.ts';
import { insertBeforeEntries, setGrubArguments } from '../../../src/media/menus/grub-edit.ts';
import { grubQuote, tokensOf } from '../../../src/media/menus/grub-lexer.ts';
import { parseSyslinux } from '../../../src/media/menus/syslinux.ts';
import { grubMenus, unattendGrub as unattendMenus } from '../../../src/media/menus/unattend-grub.ts';
import type { MenuFiles, Unattended } from '../../../src/media/menus/unattended.ts';
import { SPEC } from './unattended-spec.ts';

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

const unattendGrub = (files: MenuFiles, spec: Unattended): MenuFiles => unattendMenus(files, spec, grubMenus(files));

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
      arguments: ['a $b', 'auto=true', 'console=ttyS0,115200n8', '---', 'console=ttyS0'],
    });
    t.strictSame(
      others.map(({ id, arguments: words }) => [id, words]),
      grubEntries(GRUB).map((one) => [one.id, one.arguments]),
    );
    t.match(text, /^\tlinux \/install\.amd\/vmlinuz "a \$b" auto=true/m);
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

t.test('GRUB: the model is kept but for kernel and initrd', async (t) => {
  for (const [what, entry, wanted] of [
    [
      'no space before the brace',
      'menuentry "x"{\n  linux /v a\n  initrd /i\n}\n',
      [/^\tlinux \/v a auto=true/m, /^\tinitrd \/i \/ingot\//m],
    ],
    [
      'one line',
      "menuentry 'x' {linux /v a; initrd /i;}\n",
      [/^\tlinux \/v a auto=true .*; initrd \/i \/ingot\/initrd\.gz;$/m],
    ],
    [
      'what finds and loads',
      "menuentry 'x' {\n  insmod iso9660\n  search --no-floppy --set=root --label 'A B'\n  loopback loop $isofile\n  linux (loop)/v\n  initrd (loop)/i\n}\n",
      [
        /^ {2}insmod iso9660$/m,
        /^ {2}search --no-floppy --set=root --label 'A B'$/m,
        /^ {2}loopback loop \$isofile$/m,
        /^\tinitrd \(loop\)\/i \(loop\)\/ingot/m,
      ],
    ],
    [
      "the initrd's device",
      "menuentry 'x' {\n  linux (loop)/v\n  initrd (cd0)/a (cd1)/i\n}\n",
      [/\(cd1\)\/i \(cd1\)\/ingot\/initrd\.gz$/m],
    ],
    [
      'no device of its own',
      "menuentry 'x' {\n  linux (loop)/v\n  initrd /i\n}\n",
      [/^\tinitrd \/i \/ingot\/initrd\.gz$/m],
    ],
    [
      'conditions',
      "menuentry 'x' {\n  if [ $grub_platform = efi ]; then\n    linuxefi /v a\n    initrdefi /i\n  else\n    linux16 /v b\n    initrd16 /i\n  fi\n}\n",
      [
        /^\tlinuxefi \/v a auto=true/m,
        /^\tlinux16 \/v b auto=true/m,
        /^\tinitrdefi \/i \/ingot/m,
        /^\tinitrd16 \/i \/ingot/m,
        /^ {2}fi$/m,
      ],
    ],
    [
      'who may start it',
      "menuentry 'x' --unrestricted --users 'a b' {\n  linux /v\n  initrd /i\n}\n",
      [/--id ingot --unrestricted --users 'a b' \{$/m],
    ],
  ] as const) {
    const text =
      unattendGrub(new Map([['/boot/grub/grub.cfg', `set a=b\n${entry}`]]), SPEC).get('/boot/grub/grub.cfg') ?? '';
    const ours = text.slice(text.indexOf('menuentry'), text.indexOf(entry));
    for (const pattern of wanted) t.match(ours, pattern, what);
    t.ok(text.includes(entry), `${what}: the model itself is as it was`);
    t.match(grubEntries(text)[0], { id: 'ingot', arguments: /auto=true/ }, what);
    t.equal(await checks(text), '', what);
  }
});

t.test('GRUB: braces are words of their own wherever they stand', async (t) => {
  for (const text of [
    'menuentry "x"{\nlinux /v\n}\n',
    `function f {\necho \${a}\n}\nmenuentry x {linux /v;}\n`,
    'menuentry "{"  {\nlinux "/v}" \\{\n}\n',
  ]) {
    t.equal(await checks(text), '', text);
    t.equal(grubEntries(text).length, 1);
    t.match(grubEntries(text)[0]?.kernel, /^\/v/);
  }
});

t.test('GRUB: menus that stand in the place of grub.cfg get the entry too', (t) => {
  const entry = 'menuentry "Try" {\n  linux /casper/vmlinuz iso-scan/filename=$iso_path\n  initrd /casper/initrd\n}\n';
  const files = new Map(
    ['/boot/grub/loopback.cfg', '/EFI/BOOT/BOOT.conf', '/EFI/BOOT/BOOTIA32.conf'].map((path) => [path, entry]),
  );
  const changed = unattendGrub(
    new Map([...files, ['/isolinux/other.conf', entry], ['/EFI/BOOT/BOOT2.conf', 'default=0\n']]),
    SPEC,
  );
  t.strictSame([...changed.keys()], [...files.keys()]);
  for (const text of changed.values())
    t.match(text, /^\tlinux \/casper\/vmlinuz iso-scan\/filename=\$iso_path auto=true/m);
  t.end();
});

t.test('multiboot: a hypervisor and its modules, in both kinds of menus', (t) => {
  const modules = ['/boot/xen.gz', '/boot/vmlinuz', '/install.img'];
  const grub =
    'menuentry "install" {\n  multiboot2 /boot/xen.gz dom0_mem=2048M console=vga\n  module2 /boot/vmlinuz console=tty0\n  module2 --nounzip /install.img\n}\n';
  const syslinux =
    'LABEL install\n  KERNEL mboot.c32\n  APPEND /boot/xen.gz dom0_mem=2048M --- /boot/vmlinuz console=tty0 --- /install.img\n';
  t.match(grubEntries(grub), [{ title: 'install', modules, kernel: undefined }]);
  t.match(parseSyslinux(syslinux).entries, [{ id: 'install', modules, kernel: undefined }]);
  t.notMatch(parseSyslinux('LABEL e\n  KERNEL mboot.c32\n  APPEND -c boot.cfg\n').entries, [{ modules: [] }]);
  t.equal(installerEntry(grubEntries(grub)), undefined, 'no answers can be given to it');
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

t.test('an entry that starts what lies on a disk starts no installer', (t) => {
  const entry = (root: string): string => `menuentry 'x' {\n  ${root}\n  linux /vmlinuz\n  initrd /initrd.img\n}\n`;
  t.match(grubEntries(entry('set root=(hd0,msdos1)')), [{ root: '(hd0,msdos1)', kernel: '/vmlinuz' }]);
  t.equal(installerEntry(grubEntries(entry('set root=(hd0,msdos1)'))), undefined);
  t.match(installerEntry(grubEntries(entry('set root=(cd0)'))), { kernel: '/vmlinuz' });
  t.end();
});
