/** What the parts of test/real-installer do by themselves, without a mirror. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { verifyClearsigned } from '../../src/distributions/debian/archive/verify-signature.ts';
import { IngotError, none } from '../../src/errors.ts';
import { parseStanza } from '../../src/formats/packages/deb822.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { type CompleteArchive, derivedRelease } from './archive.ts';
import { grubMenu, writeIsolinux } from './cd-menus.ts';
import { linkageOf } from './elf.ts';
import { inEnglish } from './english-templates.ts';
import { Incomplete, skipReason } from './incomplete.ts';
import { bestKernel, completeKernel } from './kernel-udebs.ts';
import { made } from './made.ts';
import type { Images, Netboot } from './netboot.ts';
import { serveArchive } from './serve.ts';
import { testKey, writeSigned } from './test-key.ts';
import type { Udeb } from './udeb.ts';

t.test('what a program is linked against', async (t) => {
  const shell = linkageOf(await readFile('/bin/sh'));
  t.ok(shell?.libraries.includes('libc.so.6'));
  t.ok(shell?.versions.every((version) => /^libc\.so\.6:GLIBC_2\.\d+/.test(version)));
  t.ok(shell?.undefinedSymbols.includes('fork'));
  const libc = linkageOf(await readFile('/usr/lib/x86_64-linux-gnu/libc.so.6'));
  t.ok(libc?.definedSymbols.includes('fork'));
  t.same(
    shell?.versions.filter((version) => !libc?.offeredVersions.includes(version.replace('libc.so.6:', ''))),
    [],
    'the library offers what the shell of the same host needs',
  );
  t.equal(linkageOf(Buffer.from('#!/bin/sh\n')), undefined);
});

t.test('a Release with other sums of some files', async (t) => {
  const release = [
    'Suite: stable',
    'Acquire-By-Hash: yes',
    'MD5Sum:',
    ` ${'0'.repeat(32)}      10 main/debian-installer/binary-amd64/Packages`,
    ` ${'1'.repeat(32)}      10 main/binary-amd64/Packages`,
    'SHA256:',
    ` ${'2'.repeat(64)}      10 main/debian-installer/binary-amd64/Packages`,
    '',
  ];
  const content = Buffer.from('Package: x\n');
  const lines = derivedRelease(release.join('\n'), new Map([['main/debian-installer/binary-amd64/Packages', content]]));
  const sum = (algorithm: string) => createHash(algorithm).update(content).digest('hex');
  t.same(lines.split('\n'), [
    'Suite: stable',
    'Acquire-By-Hash: no',
    'MD5Sum:',
    ` ${sum('md5')} 11 main/debian-installer/binary-amd64/Packages`,
    release[4],
    'SHA256:',
    ` ${sum('sha256')} 11 main/debian-installer/binary-amd64/Packages`,
    '',
  ]);
});

t.test('the test key signs, and is the same the next time', async (t) => {
  await using folder = await temporaryFolder();
  const key = await testKey(folder.path);
  await writeSigned(join(folder.path, 'dist'), 'Suite: stable\n- a dash\n', key);
  const signed = await verifyClearsigned(join(folder.path, 'dist/InRelease'), key.public);
  t.match(signed.text, /Suite: stable\n- a dash/);
  t.equal((await testKey(folder.path)).public, key.public);
});

t.test('results are kept, failures are not', async (t) => {
  await using folder = await temporaryFolder();
  let times = 0;
  const produce = async (to: string) => {
    times += 1;
    await writeFile(join(to, 'x'), 'x');
    if (times === 1) throw new Error('killed');
  };
  await t.rejects(made(folder.path, 'thing', ['input'], produce), /killed/);
  t.same(await readdir(join(folder.path, 'made')), []);
  const first = await made(folder.path, 'thing', ['input'], produce);
  t.equal(await made(folder.path, 'thing', ['input'], produce), first);
  t.not(await made(folder.path, 'thing', ['another'], produce), first);
  t.equal(times, 3);
});

t.test('templates in English', async (t) => {
  const templates =
    'Template: a/b\nType: select\nChoices: x\nChoices-C: y\nDescription: d\n long\nDescription-de.UTF-8: t\n lang\nDescription-pt_BR.UTF-8: t\n\nTemplate: c/d\n';
  t.equal(
    inEnglish(templates),
    'Template: a/b\nType: select\nChoices: x\nChoices-C: y\nDescription: d\n long\nTemplate: c/d\n'.replace(
      'long\n',
      'long\n\n',
    ),
  );
});

t.test('which kernel has all of its udebs', async (t) => {
  const udeb = (release: string | undefined): Pick<Udeb, 'fields'> => ({
    fields: parseStanza(release === undefined ? 'Package: x' : `Package: x\nKernel-Version: ${release}`),
  });
  const own = ['6.12.94', '6.12.94', '6.12.107', '6.12.9', undefined].map(udeb);
  t.equal(completeKernel(own, []), '6.12.107', 'numbers count as numbers');
  t.equal(completeKernel(own, [udeb('6.12.107'), udeb(undefined)]), '6.12.94');
  t.equal(completeKernel(own, ['6.12.107', '6.12.94', '6.12.9'].map(udeb)), undefined);
  t.equal(bestKernel(own), '6.12.94');
});

t.test('boot menus with a graphical and a plain installer', async (t) => {
  await using folder = await temporaryFolder();
  const screens = join(folder.path, 'screens');
  const files = {
    'menu.cfg': `include debian-installer/amd64/boot-screens/gtk.cfg
include debian-installer/amd64/boot-screens/txt.cfg
menu begin advanced
    menu label ^Advanced options
	menu title Advanced options
	label mainmenu
		menu label ^Back..
		menu exit
	include debian-installer/amd64/boot-screens/adgtk.cfg
	include debian-installer/amd64/boot-screens/adtxt.cfg
menu end
`,
    'txt.cfg': entry('install', '^Install', 'vga=788', 'quiet'),
    'adtxt.cfg': `${entry('expert', 'E^xpert install', 'priority=low')}include debian-installer/amd64/boot-screens/rqtxt.cfg\n`,
    'rqtxt.cfg': entry('rescue', '^Rescue mode', 'rescue/enable=true'),
    'drk.cfg': entry('installdark', '^Install', 'theme=dark'),
    'addrk.cfg': entry('expertdark', 'E^xpert install', 'theme=dark'),
    'rqdrk.cfg': entry('rescuedark', '^Rescue mode', 'theme=dark'),
    'grub.cfg': "set x=1\nmenuentry 'Install' {\n}\n",
  };
  await mkdir(screens);
  for (const [name, text] of Object.entries(files)) await writeFile(join(screens, name), text);
  const images: Images = { kernel: '', initrd: '', bootScreens: screens, grub: screens };
  const netboot: Netboot = {
    text: images,
    gtk: images,
    kernelRelease: '',
    installed: [],
    versions: new Map(),
    libraries: new Set(),
  };
  await writeIsolinux(netboot, folder.path);
  const grub = await grubMenu(netboot, join(folder.path, 'isolinux'));
  t.equal(
    grub,
    `set x=1
menuentry --hotkey=g 'Graphical install' {
    set background_color=black
    linux    /install.amd/vmlinuz vga=788 --- quiet
    initrd   /install.amd/gtk/initrd.gz
}
menuentry --hotkey=i 'Install' {
    set background_color=black
    linux    /install.amd/vmlinuz vga=788 --- quiet
    initrd   /install.amd/initrd.gz
}
submenu --hotkey=a 'Advanced options ...' {
    set gfxpayload=keep
${['gtk/', ''].map((folder) => advanced(folder)).join('')}}
`,
  );
  await writeFile(join(folder.path, 'grub.cfg'), grub);
  await run('grub-script-check', [join(folder.path, 'grub.cfg')]);
});

const entry = (label: string, title: string, ...words: string[]): string =>
  `label ${label}
	menu label ${title}
	kernel debian-installer/amd64/linux
	append ${words[0]} initrd=debian-installer/amd64/initrd.gz --- ${words[1] ?? ''}
`;

const advanced = (folder: string): string => {
  const [expert, rescue] =
    folder === '' ? ['Expert install', 'Rescue mode'] : ['Graphical expert install', 'Graphical rescue mode'];
  return `    menuentry --hotkey=x '... ${expert}' {
        set background_color=black
        linux    /install.amd/vmlinuz priority=low ---
        initrd   /install.amd/${folder}initrd.gz
    }
    menuentry --hotkey=r '... ${rescue}' {
        set background_color=black
        linux    /install.amd/vmlinuz rescue/enable=true ---
        initrd   /install.amd/${folder}initrd.gz
    }
`;
};

t.test('an archive over a mirror', async (t) => {
  await using folder = await temporaryFolder();
  const index = 'dists/trixie/main/debian-installer/binary-amd64/Packages';
  await mkdir(join(folder.path, 'dists/trixie/main/debian-installer/binary-amd64'), { recursive: true });
  await writeFile(join(folder.path, index), '0123456789');
  const upstream = createServer((request, response) => {
    if (request.url?.endsWith('/broken')) {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    } else if (request.url?.includes('/pool/')) {
      response.writeHead(request.headers.range === undefined ? 200 : 206, {
        'content-length': 4,
        'last-modified': 'x',
      });
      response.end(request.method === 'HEAD' ? undefined : request.url.slice(-4));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  t.teardown(() => upstream.close());
  const address = upstream.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const urls = { mirror: `http://127.0.0.1:${port}/m`, security: `http://127.0.0.1:${port}/s` };
  const archive: CompleteArchive = {
    ...{ folder: folder.path, codename: 'trixie', keyring: '/k', kernelRelease: '', missing: [], repacked: [] },
    mirrors: { urls, keys: [] },
  };
  await using served = await serveArchive(archive);
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(path.startsWith('/') ? new URL(path, served.mirror) : `${served.mirror}/${path}`, {
      headers,
      method,
    });
    return { status: response.status, length: response.headers.get('content-length'), text: await response.text() };
  };
  const cases: readonly [string, Record<string, string>, string, number, string][] = [
    [index, {}, 'GET', 200, '0123456789'],
    [index, {}, 'HEAD', 200, ''],
    [index, { range: 'bytes=4-' }, 'GET', 206, '456789'],
    [index, { range: 'bytes=2-3' }, 'GET', 206, '23'],
    [index, { range: 'bytes=10-' }, 'GET', 416, ''],
    [index, { range: 'bytes=4-', 'if-range': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 'GET', 200, '0123456789'],
    [index, { 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() }, 'GET', 304, ''],
    [`${index}.gz`, {}, 'GET', 404, 'not in this archive'],
    ['dists/trixie/Release.gpg', {}, 'GET', 404, 'not in this archive'],
    ['dists/trixie-updates/InRelease', {}, 'GET', 404, ''],
    ['pool/a%2bb.deb', {}, 'GET', 200, '.deb'],
    ['pool/a.deb', {}, 'HEAD', 200, ''],
    ['pool/a.deb', { range: 'bytes=0-' }, 'GET', 206, '.deb'],
    ['/debian-security/pool/b.deb', {}, 'GET', 200, '.deb'],
    ['/elsewhere/pool/b.deb', {}, 'GET', 404, 'no such path'],
    ['%2e%2e%2fkeys', {}, 'GET', 404, 'no such path'],
    ['pool/a.deb', {}, 'POST', 405, 'only GET and HEAD'],
  ];
  for (const [path, headers, method, status, text] of cases) {
    const got = await ask(path, headers, method);
    t.equal(got.status, status, `${method} ${path} ${JSON.stringify(headers)}`);
    t.equal(got.text, text);
    if (method === 'HEAD') t.equal(got.length, path === index ? '10' : '4');
  }
  await t.rejects(ask('pool/broken'), 'half a file does not look whole');
});

t.test('why a test cannot run today', async (t) => {
  t.match(skipReason(new Incomplete('a medium', [{ name: 'partman-base', why: '404' }])), /partman-base \(404\)$/);
  t.equal(skipReason(new IngotError('origin.mirror-unreachable', 'no way', { hint: none('of a test') })), 'no way');
  t.equal(skipReason(new IngotError('origin.bad-signature', 'forged', { hint: none('of a test') })), undefined);
  t.equal(skipReason(new Error('a defect')), undefined);
});
