import t from 'tap';
import { urlSecrets, withoutUrlSecrets } from '../../src/recipe/secrets/url-secrets.ts';
import { failure, HASH, HEAD, load } from './helpers.ts';

const YAML = `${HEAD}answers:
  root: {password: {hash: {env: ROOT_HASH}}}
configure:
  - copy: {content: {file: token.txt}, to: /etc/token}
  - run: {script: 'true', env: {TOKEN: {env: TOKEN}, PLAIN: visible}}
  - run: {file: recipe.yaml}
`;
const files = { 'token.txt': 'first line of it\nsecond "quoted" line\n' };
const env = { ROOT_HASH: HASH, TOKEN: 's3cr3t/value' };

t.test('secrets are beside the recipe, not in it', async (t) => {
  const { recipe, secrets, digest } = await load(t, YAML, { files, env });
  t.notMatch(JSON.stringify(recipe), /s3cr3t|first line|aaaa/);
  t.equal(secrets.get({ env: 'ROOT_HASH' }), HASH);
  t.equal(secrets.get({ file: 'token.txt' }), 'first line of it\nsecond "quoted" line', 'a final newline is left off');
  t.throws(() => secrets.get({ env: 'OTHER' }), /not resolved/);
  const again = await load(t, YAML, { files, env: { ...env, TOKEN: 'another' } });
  t.equal(again.digest, digest, 'a secret is not in the digest');
});

t.test('redaction finds a secret in every form it takes', async (t) => {
  const { secrets } = await load(t, YAML, { files, env });
  for (const text of [
    'TOKEN=s3cr3t/value',
    `{"line":${JSON.stringify('x s3cr3t/value y')}}`,
    'log: second "quoted" line',
    JSON.stringify(files['token.txt']),
    Buffer.from('s3cr3t/value').toString('base64'),
    `password ${HASH}`,
    ...['', 'u', 'us', 'user:'].map((before) => Buffer.from(`${before}s3cr3t/value after`).toString('base64')),
    Buffer.from('user:s3cr3t/value?>>>').toString('base64url'),
    Buffer.from('x s3cr3t/value').toString('hex'),
    Buffer.from('s3cr3t/value').toString('hex').toUpperCase(),
    `https://x/?token=${encodeURIComponent('s3cr3t/value')}`,
    'token=s3cr3t%2fvalue',
    `line=${new URLSearchParams({ line: 'second "quoted" line' })}`,
    encodeURI('second "quoted" line'),
  ]) {
    const redacted = secrets.redact(text);
    t.match(redacted, /\*\*\*/);
    for (const value of secrets.values()) t.notOk(redacted.includes(value), `${redacted} has ${value}`);
  }
  t.equal(secrets.redact('visible text stays'), 'visible text stays');
});

t.test('what URLs have for their server alone is in no log, and is no secret that is searched for', async (t) => {
  const url = 'https://mirror.example/x.iso?token=abcdef-123&release=bookworm#part';
  const digest = 'a'.repeat(64);
  const yaml = YAML.replace(/^origin: .*$/m, `origin: {iso: "${url}", sha256: ${digest}}`);
  const { recipe, secrets } = await load(t, yaml, { files, env });
  const shown = secrets.redact(`cannot get ${url}; abcdef-123; bookworm goes on`);
  t.equal(shown, 'cannot get https://mirror.example/x.iso?***#part; ***; bookworm goes on');
  t.notOk(secrets.values().some((value) => /abcdef|word/.test(value)));
  t.equal(withoutUrlSecrets(url), 'https://mirror.example/x.iso');
  t.equal(withoutUrlSecrets('debian-12.iso?'), 'debian-12.iso?', 'a path');
  t.match(recipe.origin, { iso: url });
  const login = 'https://me:pa%2Fss-word@mirror.example/x.iso';
  t.same(urlSecrets({ deep: [login] }), ['me:pa%2Fss-word', 'pa/ss-word']);
  t.equal(withoutUrlSecrets(login), 'https://mirror.example/x.iso');
  const { text } = await failure(t, yaml.replace(url, login), { files, env });
  t.match(text, /origin\.iso: expected a URL without a user name and password/);
  t.notMatch(text, /ss-word/, 'a login is refused, and not shown');
});

t.test('missing or unfit secrets, all at once, without their values', async (t) => {
  const { code, text } = await failure(t, YAML, { env: { ROOT_HASH: 'clear-text', TOKEN: 'abc' } });
  t.equal(code, 'recipe.invalid');
  t.match(text, /^recipe\.yaml:5:\d+: answers\.root\.password\.hash: the secret is not a crypt hash/m);
  t.match(text, /^recipe\.yaml:7:\d+: configure\[0\]\.copy\.content: the secret cannot be read/m);
  t.match(text, /configure\[1\]\.run\.env\.TOKEN: the secret is empty or too short/);
  t.notMatch(text, /clear-text|\babc\b/);
});
