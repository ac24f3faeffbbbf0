/** Capabilities of a file (capabilities(7)): as the attribute `security.capability` has them, and as getcap(8) writes them. */

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

/** VFS_CAP_REVISION_2 of linux/capability.h. */
const REVISION = 0x02000000;

/**
 * The attribute of a text such as `cap_net_admin,cap_net_raw=ep` or `= cap_net_raw+p` (cap_from_text(3)). Undefined for a text that is
 * not understood.
 */
export const capabilitiesOf = (text: string): Buffer | undefined => {
  const sets = { e: 0n, i: 0n, p: 0n };
  for (const clause of text.trim().split(/\s+/)) {
    const [, names = '', changes = ''] = /^([a-z0-9_,]*)((?:[=+-][eip]*)+)$/i.exec(clause) ?? [];
    if (changes === '') return undefined;
    const bits = bitsOf(names.toLowerCase());
    if (bits === undefined) return undefined;
    for (const [, sign, flags = ''] of changes.matchAll(/([=+-])([eip]*)/g)) {
      if (sign === '=') for (const flag of FLAGS) sets[flag] &= ~bits;
      for (const flag of FLAGS.filter((one) => flags.includes(one)))
        sets[flag] = sign === '-' ? sets[flag] & ~bits : sets[flag] | bits;
    }
  }
  const value = Buffer.alloc(20);
  // One bit for all of them.
  value.writeUInt32LE(REVISION | (sets.e === 0n ? 0 : 1), 0);
  for (const [nth, set] of [sets.p, sets.i].entries()) {
    value.writeUInt32LE(Number(set & 0xffffffffn), 4 + 4 * nth);
    value.writeUInt32LE(Number(set >> 32n), 12 + 4 * nth);
  }
  return value;
};

const FLAGS = ['e', 'i', 'p'] as const;
const ALL = (1n << BigInt(NAMES.length)) - 1n;

/** No names are all of them, and so is `all`. */
const bitsOf = (names: string): bigint | undefined => {
  if (names === '' || names === 'all') return ALL;
  const numbers = names.split(',').map((name) => NAMES.indexOf(name.replace(/^cap_/, '')));
  return numbers.includes(-1) ? undefined : numbers.reduce((bits, number) => bits | (1n << BigInt(number)), 0n);
};
