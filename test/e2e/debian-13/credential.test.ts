/**
 * A stock image of Debian 13 with cloud-init, entered by a systemd credential: nothing of the build's way in is ever on its disk. The
 * finished image is looked at from outside; its host keys are made by Ingot's unit where no cloud is there (test/e2e/image starts copies).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import type { Manifest } from '../../../src/capture/manifest.ts';
import { openImage } from '../../../src/capture/open-image.ts';
import { sha256File } from '../../../src/host/files.ts';
import { ingot, ownStore, stockOrSkip, userKey } from '../support.ts';

t.setTimeout(30 * 60_000);

const key = await userKey();
const work = await ownStore(t, 'credential');
const tell = (line: string) => t.comment(line);
const { signal } = new AbortController();
const made = await stockOrSkip('mmdebstrap-trixie-cloud', tell);

t.test('entered by a credential, told what the recipe says, and sealed', { skip: made.skip }, async (t) => {
  const digest = await sha256File(made.image);
  const recipe = join(work, 'credential.yaml');
  const text = {
    name: 'credential',
    os: { family: 'debian', release: '13' },
    origin: { image: made.image, access: 'credential' },
    answers: {
      hostname: 'entered',
      timezone: 'Europe/Berlin',
      users: [{ name: 'admin-user', sudo: 'nopasswd', sshKeys: [{ file: `${key}.pub` }] }],
    },
    machine: { checkpoints: false },
    configure: [{ run: { script: 'echo step > /srv/step' } }],
    capture: { formats: ['qcow2'] },
  };
  await writeFile(recipe, stringify(text));
  const folders = ['--store', join(work, 'store'), '--out', join(work, 'out')];
  const { code, stderr } = await ingot(['build', recipe, ...folders], tell).ended;
  t.equal(code, 0, stderr);
  t.equal(await sha256File(made.image), digest, 'the image is as it was');
  const out = join(work, 'out', 'credential');
  const manifest: Manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  t.match(manifest.origin, { kind: 'image', sha256: digest });

  await using opened = await openImage(join(out, 'credential.qcow2'), signal);
  const { files } = opened;
  t.equal(await files.text('/srv/step'), 'step\n');
  t.equal(await files.text('/etc/hostname'), 'entered\n');
  t.equal(await files.link('/etc/localtime'), '/usr/share/zoneinfo/Europe/Berlin');
  t.match(await files.text('/etc/passwd'), /^admin-user:/m);
  t.ok(await files.find('/etc/systemd/system/ssh-host-keys.service'), 'what makes host keys where no cloud is there');
  const units = (await files.list('/etc/systemd/system')).map(({ name }) => name);
  t.notOk(
    units.some((name) => name.includes('ingot')),
    'the way in was never there',
  );
});
