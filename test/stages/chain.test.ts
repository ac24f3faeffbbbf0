/** What a manifest says of the proofs of an origin, one form each. */
import t from 'tap';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { chainOf } from '../../src/stages/deliver/chain.ts';
import { sourceOf } from '../../src/stages/deliver/source-of.ts';
import { LOCK, loadedWeb } from '../attest/finished-folder.ts';

const FINGERPRINT = 'DF9B9C49EAA9298432589D76DA87E80D6294BE9B';
const SHA256 = 'a'.repeat(64);

t.test('each origin, and what was proved of it', async (t) => {
  await using work = await temporaryFolder();
  const web = await loadedWeb(work.path);
  const from = (origin: (typeof web)['recipe']['origin']) => ({ ...web, recipe: { ...web.recipe, origin } });
  const given = { sha256: SHA256, lock: undefined, added: undefined };
  const signedBy = { fingerprint: FINGERPRINT, date: '2025-09-06T19:30:00.000Z' };
  const sums = { file: 'a.iso', sha256: SHA256 } as const;
  const image = (more: object) => from({ image: 'a.qcow2', access: 'auto', ...more });
  const cases = [
    [
      web,
      { ...given, lock: LOCK },
      [
        { of: 'bookworm', signedBy: ['A'.repeat(40)], covers: / 1 package / },
        { of: 'bookworm-security', date: /2026/ },
      ],
    ],
    [
      from({ iso: 'https://u:p@h.example/a.iso?t=x', sha256: SHA256 }),
      given,
      [{ of: 'https://h.example/a.iso', signedBy: [], none: 'pinned by digest only' }],
    ],
    [
      from({ iso: 'a.iso' }),
      { ...given, proof: { ...sums, level: 'signed', signedBy } },
      [{ signedBy: [FINGERPRINT], date: /2025/, covers: /a\.iso/ }],
    ],
    [
      from({ iso: 'a.iso' }),
      { ...given, proof: { ...sums, level: 'sums-only' } },
      [{ signedBy: [], none: 'sums that nobody signed' }],
    ],
    [from({ iso: '/srv/isos/a.iso', sha256: SHA256 }), given, [{ of: 'a.iso', none: 'pinned by digest only' }]],
    [image({ image: '/srv/images/a.qcow2' }), given, [{ of: 'a.qcow2' }]],
    [image({}), given, [{ of: 'a.qcow2', none: 'taken as it was on this host' }]],
    [image({ sha512: 'b'.repeat(128) }), given, [{ none: 'pinned by digest only' }]],
    [
      { ...image({ image: { recipe: 'base.yaml', variables: {} } }), parent: web },
      { ...given, parent: { ...given, lock: LOCK } },
      [{ of: 'base.yaml', none: 'made from another recipe' }, { of: 'bookworm' }, { of: 'bookworm-security' }],
    ],
    [
      from({ iso: 'a.iso', sha256: SHA256 }),
      {
        ...given,
        added: {
          files: [],
          packages: [
            { name: 'a', version: '1', arch: 'all', sha256: SHA256, source: 'https://r.example stable' },
            { name: 'b', version: '1', arch: 'all', sha256: SHA256, source: 'b.deb' },
          ],
          repositories: [
            { url: 'https://r.example', suite: 'stable', signers: [FINGERPRINT], date: '2026-01-01T00:00:00.000Z' },
          ],
          signedBy: { fingerprint: FINGERPRINT, key: 'the medium' },
        },
      },
      [
        { none: 'pinned by digest only' },
        { of: 'https://r.example stable', signedBy: [FINGERPRINT], covers: / 1 package / },
        { of: 'b.deb', none: 'taken as it was on this host' },
      ],
    ],
  ] as const;
  for (const [loaded, origin, expected] of cases) {
    const chain = chainOf(loaded, origin);
    t.equal(chain.length, expected.length);
    t.match(chain, expected);
    for (const { signedBy: signers, none } of chain)
      t.equal(signers.length === 0, none !== undefined, 'nobody signed, and it says so');
  }
});

t.test('where a recipe is kept, and only when it is what was committed', async (t) => {
  await using work = await temporaryFolder();
  const git = (...args: string[]) =>
    run('git', ['-C', work.path, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
  const web = await loadedWeb(work.path);
  t.equal(await sourceOf(web), undefined, 'no work tree');
  await git('init', '-q');
  await git('add', 'web.yaml');
  await git('commit', '-q', '-m', 'recipe');
  const { stdout: commit } = await git('rev-parse', 'HEAD');
  t.equal(await sourceOf(web), undefined, 'no remote');
  await git('remote', 'add', 'origin', 'x');
  const remotes: Readonly<Record<string, string | undefined>> = {
    'https://user:secret@git.example/p.git': 'git+https://git.example/p.git',
    'git@git.example:team/p.git': 'git+ssh://git.example/team/p.git',
    'ssh://git@git.example/p.git': 'git+ssh://git.example/p.git',
    '/srv/git/p.git': undefined,
    '../p.git': undefined,
    'file:///srv/git/p.git': undefined,
  };
  for (const [remote, place] of Object.entries(remotes)) {
    await git('remote', 'set-url', 'origin', remote);
    t.equal((await sourceOf(web))?.uri, place === undefined ? undefined : `${place}@${commit}`, remote);
  }
  await git('remote', 'set-url', 'origin', 'https://git.example/p.git');
  t.match(await sourceOf(web), { commit });
  t.equal(await sourceOf({ ...web, text: `${web.text}# changed\n` }), undefined, 'changed since');
});
