/** What a guest needs that was saved and goes on later: today's time, and randomness that no other run has. */
import { randomBytes } from 'node:crypto';
import type { BuildKey } from './key.ts';
import type { Session } from './session.ts';

/** Where sshd finds the key of the machine run, as the install hooks have told it (installer/README.md). */
const KEY_FILE = '/sys/firmware/qemu_fw_cfg/by_name/opt/org.ingot/ssh.authorized_keys.root/raw';

/**
 * Whether a later run gets in with a key of its own: sshd reads the key from fw_cfg at each login, which QEMU answers
 * anew after a restore. The systemd credential would not do: it is in the guest's memory, and stays the old one.
 */
export const takesKeyOfLaterRun = async (session: Session, key: BuildKey): Promise<boolean> => {
  const found = await session.exec(`modprobe -q qemu_fw_cfg; cat ${KEY_FILE}`);
  return found.exitCode === 0 && found.stdout.trim() === key.publicKey;
};

/**
 * The kernel's generator is seeded from virtio-rng and from the host, and told to use it at once (RNDRESEEDCRNG,
 * random(4)): two runs from one checkpoint must not make the same keys.
 */
const RESEED = `cat > /dev/urandom
[ ! -c /dev/hwrng ] || dd if=/dev/hwrng of=/dev/urandom bs=64 count=1 iflag=fullblock status=none
perl -e 'open my $f, ">", "/dev/urandom" or die; ioctl $f, 0x5207, 0 or die "RNDRESEEDCRNG: $!"'`;

/** To be called before anything else is done in a restored guest. One command: under emulation each costs half a second. */
export const wake = async (session: Session): Promise<void> => {
  const setClock = `date --utc --set @${(Date.now() / 1000).toFixed(3)} > /dev/null`;
  await session.check(`set -e\n${setClock}\n${RESEED}`, { stdin: randomBytes(64).toString('base64') });
};
