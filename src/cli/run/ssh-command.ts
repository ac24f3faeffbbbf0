/** How a user reaches root in a machine of this host. */
import { proxyCommand } from '../../guest/proxy-command.ts';
import { shellQuote } from '../../host/command-line.ts';
import type { Door } from '../../machine/door.ts';

/** The socket is in a folder of this user's alone: what answers there is the guest. */
export const sshCommand = (identity: string, { socket }: Pick<Door, 'socket'>): string =>
  `ssh -i ${shellQuote(identity)} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ${shellQuote(`ProxyCommand=${proxyCommand(socket)}`)} root@ingot-guest`;
