/**
 * The build's own SSH keys: made fresh for each machine run, in memory. They reach the guest through the hypervisor and are
 * in no file that outlives the run.
 */
import ssh2 from 'ssh2';

export interface BuildKey {
  /** OpenSSH private key file (openssh/PROTOCOL.key), unencrypted. Never written outside a 0600 file in a 0700 folder. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, one line without a comment. */
  readonly publicKey: string;
}

/** Of one machine run: the key by which Ingot logs in, and the one by which the build's own sshd shows who it is. */
export interface BuildKeys {
  readonly login: BuildKey;
  readonly host: BuildKey;
}

export const createBuildKeys = (): BuildKeys => ({ login: createBuildKey(), host: createBuildKey() });

/** One key in 256 that ssh2 1.17 makes is malformed, and ssh2 itself cannot read it; each is read before it is used. */
export const createBuildKey = (generate = () => ssh2.utils.generateKeyPairSync('ed25519')): BuildKey => {
  for (let tries = 1; ; tries++) {
    const pair = generate();
    const parsed = ssh2.utils.parseKey(pair.private);
    if (!(parsed instanceof Error)) return { privateKey: pair.private, publicKey: pair.public.trim() };
    if (tries === 20) throw parsed;
  }
};
