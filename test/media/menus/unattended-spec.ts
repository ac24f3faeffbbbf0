/** The unattended entry of the menu tests. */
import { titleOf, type Unattended } from '../../../src/media/menus/unattended.ts';

export const SPEC: Unattended = {
  start: 'ask',
  title: titleOf('Install web01'),
  arguments: { installer: ['auto=true', 'console=ttyS0,115200n8'], target: ['console=ttyS0'] },
  initrds: ['/ingot/initrd.gz'],
  serial: false,
};
