/** What the copyright files of an image's packages say of their licences. */
import { posix } from 'node:path';
import { contentOf } from '../../../capture/file-digests.ts';
import type { FileNode } from '../../../capture/file-tree.ts';
import { parseCopyright } from '../../../formats/packages/copyright-file.ts';
import { realFolders } from '../../../inspect/owners.ts';
import type { PackageRecord } from '../../../inspect/package-database.ts';
import type { Subject } from '../../../inspect/subject.ts';
import { type Licences, namedLicence } from '../../../sbom/licence.ts';
import { readLicences } from '../../../sbom/read-licence.ts';
import { spdxIdOf } from './licence-names.ts';

const NO_TEXT = 'The copyright file names this licence, and has no text of it.';

/** A function of the package; undefined for one without a copyright file. */
export const licencesIn = ({ tree }: Pick<Subject, 'tree'>): ((of: PackageRecord) => Promise<Licences | undefined>) => {
  const realFolder = realFolders(tree);
  const find = (path: string, links = 0): FileNode | undefined => {
    const node = tree.get(posix.join(realFolder(posix.dirname(path)), posix.basename(path)));
    if (node?.target === undefined || links > MOST_LINKS) return node;
    return find(posix.resolve(posix.dirname(node.path), node.target), links + 1);
  };
  const known = new Map<string, Promise<Licences>>();
  return async ({ name, source }) => {
    const node = find(`/usr/share/doc/${name}/copyright`);
    if (node?.type !== 'file') return undefined;
    const read = async () => licencesOf((await contentOf(node)).toString('utf8'), source);
    const licences = known.get(node.identity) ?? read();
    known.set(node.identity, licences);
    return licences;
  };
};

const MOST_LINKS = 10;

/** A file in another form is one reference, to its whole text. */
export const licencesOf = (content: string, source: string): Licences => {
  const read = parseCopyright(content);
  if (read === undefined || read.licences.length === 0) {
    const text = namedLicence(`copyright file of ${source}`, content.trim());
    return { statements: [{ said: text.name, expression: text.id, refs: [text.id] }], texts: [text] };
  }
  const { licences, texts } = read;
  return readLicences(licences, {
    idOf: spdxIdOf,
    textOf: (name, said) => texts.get(name) ?? texts.get(said) ?? NO_TEXT,
  });
};
