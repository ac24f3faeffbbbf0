/** The digests of the .debs that installed packages came in, as far as apt's own lists are still in the image. */
import type { FileNode } from '../../../capture/file-tree.ts';
import { lineSplitter } from '../../../host/lines.ts';
import type { PackageRecord } from '../../../inspect/package-database.ts';
import type { Subject } from '../../../inspect/subject.ts';

type Id = Pick<PackageRecord, 'name' | 'version' | 'architecture'>;

const LISTS = /^\/var\/lib\/apt\/lists\/[^/]+_Packages$/;

/** A function of the package. Lists are large: they are read line by line, and only what is installed is kept. */
export const archiveDigestsIn = async (
  { tree }: Pick<Subject, 'tree'>,
  packages: readonly Id[],
): Promise<(of: Id) => string | undefined> => {
  const installed = new Set(packages.map(keyOf));
  const found = new Map<string, string>();
  for (const node of tree.values())
    if (node.type === 'file' && LISTS.test(node.path))
      await readList(node, (id, sha256) => {
        if (installed.has(keyOf(id))) found.set(keyOf(id), sha256);
      });
  return (of) => found.get(keyOf(of));
};

const keyOf = ({ name, version, architecture }: Id): string => `${name} ${version} ${architecture}`;

const FIELDS: ReadonlySet<string> = new Set(['Package', 'Version', 'Architecture', 'SHA256']);

const readList = async ({ content }: FileNode, put: (id: Id, sha256: string) => void): Promise<void> => {
  let fields = new Map<string, string>();
  const end = () => {
    const [name, version, architecture, sha256] = [...FIELDS].map((field) => fields.get(field));
    if (name && version && architecture && /^[0-9a-f]{64}$/.test(sha256 ?? ''))
      put({ name, version, architecture }, sha256 ?? '');
    fields = new Map();
  };
  const split = lineSplitter((line) => {
    const [, field = '', value = ''] = /^([A-Za-z0-9]+): (.*)$/.exec(line) ?? [];
    // Which is the first field of each stanza.
    if (field === 'Package') end();
    if (FIELDS.has(field)) fields.set(field, value);
  });
  for await (const piece of content()) split.push(Buffer.from(piece).toString('utf8'));
  split.end();
  end();
};
