/** docs/verify-by-hand.md as it is written: its blocks are one script, and its verdict is ours. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { makeKey } from '../../src/attest/keygen.ts';
import { openSigner } from '../../src/attest/signer.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { finishedFolder } from './finished-folder.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'verify-by-hand.md');

const script = async (): Promise<string> =>
  [...(await readFile(PAGE, 'utf8')).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('\n');

t.test('the script of the page', async (t) => {
  await using work = await temporaryFolder();
  const at = (name: string) => join(work.path, name);
  const text = await script();
  for (const kind of ['ed25519', 'p256'] as const) {
    await makeKey(at(`${kind}.key`), kind, undefined);
    const signer = await openSigner({ key: at(`${kind}.key`), env: {} });
    const clean = await finishedFolder(at(kind), { signer, minisign: kind === 'ed25519', gpg: undefined });
    const judged = async (folder: string) =>
      run('sh', ['-c', text], { cwd: folder, env: { KEY: at(`${kind}.pub`) }, allow: [...Array(128).keys()] });
    t.match(await judged(clean), { exitCode: 0, stdout: /openssl[\s\S]*\nholds$/ }, `${kind}: clean`);
    const edited = async (folder: string, name: string, from: string, to: string) => {
      const before = await readFile(join(folder, name), 'utf8');
      await writeFile(join(folder, name), before.replace(from, to));
      const fresh = await run('sh', ['-c', 'cut -c 67- SHA256SUMS | xargs sha256sum > new; mv new SHA256SUMS'], {
        cwd: folder,
      });
      t.equal(fresh.exitCode, 0);
    };
    const CHANGES: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
      'a bit of the image': (folder) => writeFile(join(folder, 'web.qcow2'), 'x'),
      'an image with sums that fit': (folder) => edited(folder, 'web.qcow2', 'image', 'picture'),
      'a manifest with sums that fit': (folder) => edited(folder, 'manifest.json', '"web"', '"db"'),
      'a file more': (folder) => writeFile(join(folder, 'x'), 'x'),
      'an edited statement': (folder) => edited(folder, 'provenance.json', 'hello', 'hallo'),
      'a swapped bill of materials': (folder) => edited(folder, 'web.cdx.json', 'openssl', 'libressl'),
      'a removed statement': (folder) => rm(join(folder, 'provenance.dsse.json')),
      'another key': async (folder) => {
        const other = await openSigner({ key: at('other.key'), env: {} });
        const signed = await finishedFolder(at(`other-${kind}`), { signer: other, minisign: false, gpg: undefined });
        await cp(signed, folder, { recursive: true });
      },
    };
    await makeKey(at('other.key'), kind, undefined);
    for (const [name, change] of Object.entries(CHANGES)) {
      const folder = at(`${kind}-${name.replaceAll(' ', '-')}`);
      await cp(clean, folder, { recursive: true });
      await change(folder);
      t.not((await judged(folder)).exitCode, 0, `${kind}: ${name}`);
    }
    for (const name of ['other.key', 'other.pub', 'other.minisign.pub']) await rm(at(name), { force: true });
  }
});
