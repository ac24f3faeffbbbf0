/** Programs that run with more rights than their caller has: setuid, setgid, and file capabilities (capabilities(7)). */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import { capabilitiesText } from '../formats/file-capabilities.ts';
import type { Causes } from './causes.ts';

export interface Privileged {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** `4755` */
  readonly mode: string;
  readonly setuid: boolean;
  readonly setgid: boolean;
  /** `cap_net_raw=ep`; empty when there are none. */
  readonly capabilities: string;
  readonly package: string | undefined;
}

const [SETUID, SETGID] = [0o4000, 0o2000];

export const privilegedIn = (tree: FileTree, { owners }: Causes): Privileged[] =>
  [...tree.values()]
    .filter(
      (node) => node.type === 'file' && (has(node, SETUID) || has(node, SETGID) || node.attributes?.has(CAPABILITY)),
    )
    .map((node) => ({
      path: node.path,
      uid: node.uid ?? 0,
      gid: node.gid ?? 0,
      mode: (node.mode ?? 0).toString(8),
      setuid: has(node, SETUID),
      setgid: has(node, SETGID),
      capabilities: capabilitiesText(node.attributes?.get(CAPABILITY)),
      package: owners.of(node.path)[0]?.name,
    }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));

const has = ({ mode = 0 }: FileNode, bit: number): boolean => (mode & bit) !== 0;

const CAPABILITY = 'security.capability';
