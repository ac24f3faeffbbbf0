/**
 * Bare metal as far as a virtual machine goes: the delivery medium of `ingot media`, remastered from an ISO file with
 * its digest, as a USB stick; an AHCI disk, an e1000e card, no virtio device at all; started by a key at its menu. And a
 * medium of Debian 13's packages with Debian's own installer, which has to come to its end without a build beside it; on a virtual board.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { fileRef } from '../../src/host/files.ts';
import { writeRecipeOf13 } from '../e2e/debian-13/recipe.ts';
import { bootFresh, exampleRecipe, ingot, testStore, userKey } from '../e2e/support.ts';
import { completeArchive } from '../real-installer/archive.ts';
import { orSkip } from '../real-installer/incomplete.ts';
import { serveArchive } from '../real-installer/serve.ts';
import { emptyDisk, installFrom } from './from-medium.ts';

t.setTimeout(3 * 60 * 60_000);

const key = await userKey();
const work = join(testStore, 'bare-metal');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const tell = (text: string) => t.comment(text);

/** The same recipe on an ISO file: the medium that the example assembles serves as somebody's install ISO. */
const isoRecipe = async (): Promise<string> => {
  const assembled = join(work, 'assembled.iso');
  const first = ingot(['media', exampleRecipe, '--store', testStore, '-o', assembled, '--var', `key=${key}.pub`], tell);
  const { code, stderr } = await first.ended;
  t.equal(code, 0, stderr);
  const origin = first.events.find((event) => 'stage' in event && event.stage === 'assemble' && 'key' in event);
  const digest = origin && 'key' in origin ? origin.key : '';
  const iso = join(testStore, 'stages', 'assemble', digest, 'medium.iso');
  const { sha256 } = await fileRef(iso);
  const text = await readFile(exampleRecipe, 'utf8');
  const path = join(work, 'metal.yaml');
  const replaced = text
    .replace(/^origin:\n(?: .*\n|\n)+/m, `origin:\n  iso: ${iso}\n  sha256: ${sha256}\n\n`)
    .replace('name: debian-12-minimal', 'name: metal');
  await writeFile(path, replaced);
  return path;
};

type Board = 'metal' | 'virtual';

/** No virtual device and a stick, or virtual ones and a CD; a virtual machine is three times as fast. */
const BOARDS = {
  metal: { bus: 'ahci', model: 'e1000e', paravirtual: false },
  virtual: { bus: 'virtio', model: 'virtio', paravirtual: true },
} as const;

/** A key at its menu starts the installer, its disk starts the system, which is shown to be whole. */
const installsAndStarts = async (t: Test, medium: string, name: string, board: Board): Promise<void> => {
  const { bus, model, paravirtual } = BOARDS[board];
  const path = join(work, `${name}.qcow2`);
  const disks = [{ path: await emptyDisk(path, '6G'), format: 'qcow2', bus }] as const;
  const installation = { medium, firmware: 'uefi', folder: join(work, `${name}.uefi`), asks: true } as const;
  t.same(
    await installFrom({ ...installation, metal: !paravirtual, disks }),
    { started: true, ended: 'guest-shutdown' },
    'the menu waits, a key starts it, the installer powers the machine off',
  );
  const { machine, session } = await bootFresh(
    join(work, `${name}.installed`),
    { firmware: 'uefi', paravirtual, disks, network: { mode: 'isolated', model, forwardSsh: true } },
    { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') },
  );
  await using _machine = machine;
  await using _session = session;
  const state = await session.exec('systemctl is-system-running --wait || systemctl --failed --no-legend');
  t.equal(state.stdout.trim(), 'running');
  const access = await session.exec('ls /etc/ssh/sshd_config.d; grep -rl ingot /etc/ssh /etc/systemd/system || true');
  t.notMatch(access.stdout, /build|authorized/, 'no access for a build is on a delivered medium');
  const links = await session.exec('readlink /bin /sbin /lib /lib64');
  t.equal(links.stdout, 'usr/bin\nusr/sbin\nusr/lib\nusr/lib64\n', 'the links of a merged /usr');
  t.equal((await session.exec('dpkg --audit')).stdout, '');
};

const mediumOf = async (t: Test, recipe: string, medium: string, store: string): Promise<void> => {
  const media = ingot(['media', recipe, '--store', store, '-o', medium, '--var', `key=${key}.pub`], tell);
  const { code, stderr } = await media.ended;
  t.equal(code, 0, stderr);
};

t.test('installs from a USB stick on metal and boots', async (t) => {
  const medium = join(work, 'metal.iso');
  await mediumOf(t, await isoRecipe(), medium, testStore);
  await installsAndStarts(t, medium, 'metal', 'metal');
});

const signal = new AbortController().signal;
const archive = await orSkip(completeArchive('13', { folder: join(testStore, 'real-installer'), signal, tell }));
const skip = typeof archive === 'string' && archive;

t.test("a medium of Debian 13's packages, with Debian's own installer", { skip }, async (t) => {
  if (typeof archive === 'string') return;
  const medium = join(work, 'trixie.iso');
  {
    await using served = await serveArchive(archive);
    const recipe = join(work, 'trixie.yaml');
    await writeRecipeOf13(recipe, 'trixie', served);
    await mediumOf(t, recipe, medium, join(work, 'store'));
  }
  await installsAndStarts(t, medium, 'trixie', 'virtual');
});
