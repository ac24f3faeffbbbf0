/** What the system starts by itself: it comes out of packages, as they were packed, or the policy names it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FileNode } from '../../capture/file-tree.ts';
import { ifThere } from '../../host/if-there.ts';
import { projectFolder } from '../../host/project.ts';
import { type Owners, ownersIn, realFolders } from '../../inspect/owners.ts';
import type { PackageRecord } from '../../inspect/package-database.ts';
import type { Subject } from '../../inspect/subject.ts';
import { matchesPath } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';
import { START_PLACES, type StartPlace } from '../starts/places.ts';

export const judgeStarts = async (
  { allow = [] }: NonNullable<Policy['starts']>,
  { subject }: PolicyFacts,
): Promise<Findings> => {
  const { database, tree, noDatabase } = subject;
  if (database === undefined)
    return [
      unjudged(
        'starts.ofNoPackage',
        noDatabase ?? 'the packages cannot be read',
        'Only families whose packages are read can be judged.',
      ),
    ];
  const known: Known = { owners: ownersIn(tree, database), realFolder: realFolders(tree) };
  const found = [...tree.values()].map(async (node): Promise<Findings> => {
    if (node.type === 'folder' || matchesPath(allow, node.path)) return [];
    const place = placeOf(node.path);
    return place === undefined ? [] : await judgeOne(node, place, subject, known);
  });
  return (await Promise.all(found)).flat();
};

interface Known {
  readonly owners: Owners;
  readonly realFolder: (folder: string) => string;
}

const placeOf = (path: string): StartPlace | undefined => START_PLACES.find(({ paths }) => matchesPath(paths, path));

const judgeOne = async (
  node: FileNode,
  { does, line }: StartPlace,
  { files, tree }: Subject,
  { owners, realFolder }: Known,
): Promise<Findings> => {
  const { path, target } = node;
  const [owner] = owners.of(path);
  if (target !== undefined) {
    const [folder, name] = [posix.dirname(target), posix.basename(target)];
    const there = posix.join(realFolder(posix.resolve(posix.dirname(path), folder)), name);
    // A mask starts nothing; another name of what is judged is judged there.
    if (!tree.has(there) || owners.of(there).length > 0 || placeOf(there) !== undefined) return [];
  }
  const packed = owner?.configurationDigests?.get(path);
  if (owner !== undefined && packed === undefined) return [];
  const content = await files.read(path);
  if (content === undefined || content.length === 0) return [];
  if (owner === undefined ? await isOurs(path, content) : md5(content) === packed) return [];
  if (line !== undefined && !hasLine(content.toString('utf8'), line)) return [];
  return [owner === undefined ? ofNobody(path, does) : changed(path, does, owner)];
};

/** What Ingot itself writes into each image, to the letter. */
const isOurs = async (path: string, content: Buffer): Promise<boolean> => {
  const own = await ifThere(readFile(join(projectFolder, 'installer/hooks/ingot/system', path)));
  return own?.equals(content) === true;
};

const ofNobody = (path: string, does: string) =>
  fails(
    'starts.ofNoPackage',
    `${path} ${does}, and no package has it`,
    path,
    'Allow it by its path (starts.allow), or find out which step made it: `ingot diff --run`.',
  );

const changed = (path: string, does: string, { name }: PackageRecord) =>
  fails(
    'starts.changed',
    `${path} ${does}, and it is not as ${name} has it`,
    path,
    'Allow it by its path (starts.allow), or leave it as it was packed.',
  );

const hasLine = (text: string, pattern: RegExp): boolean =>
  text.split('\n').some((line) => (!/^\s*(#(?!!)|\/\/|;)/.test(line) || /^#!/.test(line)) && pattern.test(line));

/** dpkg's own: it says whether a file is as it was packed, and proves nothing against who can make another with the same. */
const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('hex');
