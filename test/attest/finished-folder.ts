/** A small finished folder, as a build leaves it: made by what delivers one, from a recipe that is really loaded. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Signing, signSums, UNSIGNED } from '../../src/attest/sums-signing.ts';
import { type Manifest, manifestText } from '../../src/capture/manifest.ts';
import { openOutput } from '../../src/capture/output.ts';
import type { TestReport } from '../../src/checks/report/report.ts';
import type { Lock } from '../../src/distributions/debian/archive/package-lock.ts';
import { sha256 } from '../../src/host/files.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { attestOutput } from '../../src/stages/deliver/attest-output.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDZQqZP0sW8b6aXfCk8PZ7q2kT9sR4uB3fS5kq0vX1y test';

const RECIPE = `name: web
os: {family: debian, release: "12"}
variables: {motd: hello, token: abcdefgh}
origin: {assemble: debian, mirror: "http://archive.example.org/debian", securityMirror: "http://archive.example.org/security", keyring: keys.gpg}
answers:
  users: [{name: eva, sshKeys: ['${KEY}']}]
configure:
  - run: {file: setup.sh, env: {TOKEN: {file: token}}}
  - copy: {from: site, to: /srv/site}
`;

const deb = (name: string, version: string) => ({
  name,
  version,
  arch: 'amd64',
  suite: 'bookworm',
  filename: `pool/main/${name[0]}/${name}/${name}_${version}_amd64.deb`,
  size: 10,
  sha256: sha256(`${name} ${version}`),
});

export const LOCK: Lock = {
  format: 3,
  release: { number: '12', codename: 'bookworm', arch: 'amd64' },
  suites: [
    {
      name: 'bookworm',
      date: '2026-11-01T00:00:00.000Z',
      signers: ['A'.repeat(40)],
      inRelease: { size: 5, sha256: sha256('inrelease') },
      indexes: [],
      installerIndexes: [],
    },
    {
      name: 'bookworm-security',
      date: '2026-11-01T00:00:00.000Z',
      signers: ['A'.repeat(40)],
      inRelease: { size: 5, sha256: sha256('security') },
      indexes: [],
      installerIndexes: [],
    },
  ],
  debs: [
    { ...deb('openssl', '3.0.22-1~deb12u2'), alsoAt: [], install: { stage: 1, mark: 'manual' }, stanza: '' },
    { ...deb('libstdc++6', '1:12.2.0-14+deb12u1'), suite: 'bookworm-security', alsoAt: [], stanza: '' },
  ],
  udebs: [deb('anna', '1.87')],
  installer: {
    kernelRelease: '6.1',
    kernel: { size: 1, sha256: sha256('k') },
    initrd: { size: 1, sha256: sha256('i') },
  },
  parts: [deb('grub-efi-amd64-signed', '1+2.06')],
  standInChoice: 'where-missing',
  standIns: [{ name: 'finish-install', reason: 'the mirror lacks it' }],
  components: sha256('components'),
};

/** An empty OpenPGP packet that a keyring begins with. */
const KEYRING = Buffer.from('98330463', 'hex');

/** The recipe and what it names, in `folder`. */
export const loadedWeb = async (folder: string) => {
  await mkdir(join(folder, 'site', 'css'), { recursive: true });
  await writeFile(join(folder, 'web.yaml'), RECIPE);
  await writeFile(join(folder, 'keys.gpg'), KEYRING);
  await writeFile(join(folder, 'setup.sh'), '#!/bin/sh\ntrue\n');
  await writeFile(join(folder, 'token'), 'secret-token-1\n');
  await writeFile(join(folder, 'site', 'index.html'), 'hello\n');
  await writeFile(join(folder, 'site', 'css', 'main.css'), 'body {}\n');
  return loadRecipe(join(folder, 'web.yaml'), { variables: {}, env: {} });
};

const IMAGE = Buffer.from('this is no image, but its bytes are as good as any\n');
const PACKAGES = 'openssl 3.0.22-1~deb12u2 amd64\n';
const SBOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: [{ name: 'openssl', version: '3.0.22-1~deb12u2' }],
};

const manifestOf = (recipeDigest: string): Manifest => ({
  manifestVersion: 1,
  name: 'web',
  version: '1',
  created: '2026-11-30T00:00:00.000Z',
  os: { family: 'debian', release: '12', arch: 'amd64' },
  recipe: { file: 'web.yaml', digest: recipeDigest },
  origin: { kind: 'assembled', source: 'debian 12', sha256: sha256('iso'), chain: [] },
  standIns: [],
  tools: { ingot: '0.1.0', 'qemu-system-x86_64': '7.2.22' },
  images: [{ file: 'web.qcow2', format: 'qcow2', virtualSize: 2 ** 20, size: IMAGE.length, sha256: sha256(IMAGE) }],
  seal: { operations: [], skipped: [] },
  stages: [],
  packages: [],
});

/** `out/web` below `work`; the recipe and the run folder are beside it. */
export const finishedFolder = async (
  work: string,
  signing: Signing = UNSIGNED,
  tested?: TestReport,
): Promise<string> => {
  const recipes = join(work, 'recipes');
  const run = { folder: join(work, '20261130-000000-web'), started: new Date('2026-11-30T00:00:00Z') };
  const loaded = await loadedWeb(recipes);
  await mkdir(join(run.folder, 'install'), { recursive: true });
  await writeFile(join(run.folder, 'install', 'installer.log'), 'installed\n');
  await writeFile(join(run.folder, 'install', 'machine.json'), '{"accelerator": "tcg"}');
  const manifest = manifestOf(loaded.digest);
  await using output = await openOutput({ parent: join(work, 'out'), name: 'web' });
  await writeFile(join(output.folder, 'web.qcow2'), IMAGE);
  await writeFile(join(output.folder, 'packages.txt'), PACKAGES);
  await writeFile(join(output.folder, 'web.cdx.json'), JSON.stringify(SBOM, null, 1));
  await writeFile(join(output.folder, 'manifest.json'), manifestText(manifest));
  const origin = { sha256: sha256('iso'), lock: LOCK, added: undefined };
  await attestOutput(output.folder, { loaded, origin, manifest, run, tested }, signing);
  return await output.publish([], () => signSums(output.folder, signing, 'web 1'));
};
