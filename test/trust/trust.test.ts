import t from 'tap';
import { TRUST } from '../../src/distributions/debian/trust/trust-of.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { smallArchive } from './small-archive.ts';

const { signal } = new AbortController();
const small = await smallArchive(t);

const judged = async (image: string, more: Partial<Parameters<typeof TRUST.check>[1]> = {}) => {
  await using subject = await openSubject(image, signal);
  const said = { accounts: ['ada'], texts: [] };
  return await TRUST.check(subject, { folder: small.folder, keys: [small.keyring], said, ...more }, signal);
};

t.test('a clean image: all is accounted for', async (t) => {
  const { judgement, classification } = await judged(small.image);
  t.strictSame(judgement.found, []);
  console.error(judgement.facts);
  t.equal(classification.files.get('/usr/bin/tool')?.class, 'verified');
});
