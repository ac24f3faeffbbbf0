/** A link to a file or heading that is gone is found, and nothing else is taken for one. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../src/host/files.ts';
import { brokenLinks } from './links.ts';

const CASES: readonly { readonly text: string; readonly found: readonly string[] }[] = [
  { text: '[a](docs/page.md), [b](docs/page.md#the-second-one), ![c](docs)', found: [] },
  { text: '[a](docs/page.md#same) [b](docs/page.md#same-1) [c](#top)\n# `Top`', found: [] },
  { text: 'so\n[a](none.md)', found: ['a.md:2: there is no none.md'] },
  { text: 'as docs/none.md says', found: ['a.md:1: there is no docs/none.md'] },
  { text: '[a](docs/page.md#third)', found: ['a.md:1: there is no heading for docs/page.md#third'] },
  { text: '[a](#none)', found: ['a.md:1: there is no heading for #none'] },
  { text: '[a](docs/page.md#in-code)', found: ['a.md:1: there is no heading for docs/page.md#in-code'] },
  { text: '[a](https://example.org/none.md) `[a](none.md)`\n```\n[a](none.md)\n```', found: [] },
];

t.test('links to files and headings', async (t) => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'docs'));
  await writeFile(join(folder.path, 'docs', 'README.md'), '[page](page.md)\n');
  const page = '# Page\n## The "second" one!\n## Same\n## Same\n```\n# in code\n```\n';
  await writeFile(join(folder.path, 'docs', 'page.md'), page);
  for (const { text, found } of CASES) {
    await writeFile(join(folder.path, 'a.md'), text);
    t.same(await brokenLinks(folder.path), found, text);
  }
  await writeFile(join(folder.path, 'a.md'), '');
  await writeFile(join(folder.path, 'docs', 'lost.md'), '');
  t.same(await brokenLinks(folder.path), ['docs/README.md:1: the guide does not name lost.md']);
});
