/**
 * Debian 13 by the real installer: every component is Debian's own, none of Ingot's stands in. The image is looked at from
 * outside and booted by both firmwares.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openGuestFiles } from '../../../src/capture/guest-files.ts';
import type { Manifest } from '../../../src/capture/manifest.ts';
import { inspectDisk } from '../../../src/distributions/debian/system/facts.ts';
import { checkPortability } from '../../../src/distributions/debian/system/portability.ts';
import { loadRecipe } from '../../../src/recipe/load.ts';
import { completeArchive } from '../../real-installer/archive.ts';
import { orSkip } from '../../real-installer/incomplete.ts';
import { serveArchive } from '../../real-installer/serve.ts';
import { bootFresh, check, healthy, ingot, overlay, ownStore, testStore, userKey } from '../support.ts';
import { writeRecipeOf13 } from './recipe.ts';

t.setTimeout(60 * 60_000);

const key = await userKey();
const work = await ownStore(t, 'debian-13');
const tell = (text: string) => t.comment(text);
const signal = new AbortController().signal;
const archive = await orSkip(completeArchive('13', { folder: join(testStore, 'real-installer'), signal, tell }));
const skip = typeof archive === 'string' && archive;
const recipe = join(work, 'debian-13.yaml');
const output = join(work, 'out', 'debian-13-real');
const image = join(output, 'debian-13-real.qcow2');
const raw = join(output, 'debian-13-real.raw');

t.test('is built with the real installer', { skip }, async (t) => {
  if (typeof archive === 'string') return;
  await using served = await serveArchive(archive);
  await writeRecipeOf13(recipe, 'debian-13-real', served);
  const args = ['build', recipe, '--store', join(work, 'store'), '--out', join(work, 'out'), '--var', `key=${key}.pub`];
  const { code, stderr } = await ingot(args, tell).ended;
  t.equal(code, 0, stderr);
  const manifest: Manifest = JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8'));
  t.same(manifest.standIns, []);
  t.equal(manifest.installer?.standIns, 'never');
  const names = manifest.installer?.components.map(({ name }) => name) ?? [];
  for (const name of ['cdrom-detect', 'partman-base', 'libparted2-udeb', 'debootstrap-udeb', 'finish-install'])
    t.ok(names.includes(name), `${name} is Debian's`);
});

t.test('is portable and right, seen from outside', { skip }, async (t) => {
  const facts = await inspectDisk(await openGuestFiles(raw));
  const loaded = await loadRecipe(recipe, { variables: { key: `${key}.pub` }, env: process.env });
  t.same(checkPortability(facts, loaded.recipe.answers), []);
});

for (const firmware of ['bios', 'uefi'] as const) {
  t.test(`boots by ${firmware}`, { skip }, async (t) => {
    const disk = await overlay(image, 'qcow2', join(work, `${firmware}.qcow2`));
    const { machine, session } = await bootFresh(
      join(work, firmware),
      {
        firmware,
        disks: [{ path: disk, format: 'qcow2', bus: firmware === 'bios' ? 'virtio' : 'scsi' }],
        network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
      },
      { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') },
    );
    await using _machine = machine;
    await using _session = session;
    await healthy(t, session);
    t.match(await check(session, 'cat /etc/debian_version'), /^13\./);
    t.equal(await check(session, 'cat /etc/locale.conf'), 'LANG=C.UTF-8');
    t.equal(await check(session, 'readlink /etc/default/locale'), '../locale.conf');
    t.equal(await check(session, 'findmnt -no FSTYPE /tmp'), 'tmpfs');
  });
}
