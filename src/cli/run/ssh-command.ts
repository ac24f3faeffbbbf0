/** How a user reaches root in a machine of this host. */
import { shellQuote } from '../../host/run.ts';

/** The port is QEMU's on this host, and the guest may have no host keys yet. */
export const sshCommand = (identity: string, port: number): string =>
  `ssh -i ${shellQuote(identity)} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p ${port} root@127.0.0.1`;
