/** What a guest needs that was saved and goes on later: today's time, and randomness that no other run has. */
import { randomBytes } from 'node:crypto';
import type { Session } from './session.ts';

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
