/** Programs that run with more rights than their caller has: setuid, setgid, and file capabilities (capabilities(7)). */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
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

/** linux/capability.h, by their numbers. */
const NAMES =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  );

/** struct vfs_cap_data: permitted and inheritable sets of 32 each, twice; one bit says whether they are effective at once. */
export const capabilitiesText = (value: Buffer | undefined): string => {
  if (value === undefined || value.length < 12) return '';
  const isEffective = (value.readUInt32LE(0) & 1) !== 0;
  const set = (at: number) =>
    BigInt(value.readUInt32LE(at)) | (value.length >= 20 ? BigInt(value.readUInt32LE(at + 8)) << 32n : 0n);
  const [permitted, inheritable] = [set(4), set(8)];
  const byFlags = new Map<string, string[]>();
  for (let number = 0; number < 64; number++) {
    const bit = 1n << BigInt(number);
    const flags = `${(permitted | inheritable) & bit && isEffective ? 'e' : ''}${inheritable & bit ? 'i' : ''}${permitted & bit ? 'p' : ''}`;
    if (!((permitted | inheritable) & bit)) continue;
    byFlags.set(flags, [...(byFlags.get(flags) ?? []), `cap_${NAMES[number] ?? number}`]);
  }
  return [...byFlags].map(([flags, names]) => `${names.join(',')}=${flags}`).join(' ');
};
