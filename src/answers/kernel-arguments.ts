/** Kernel arguments: the installer's, before `---`, and the installed system's. */
import type { Recipe } from '../recipe/schema.ts';

/** Makes the installer quicker in an emulated machine; nothing of it may reach the installed system. */
const BUILD_ONLY = ['mitigations=off', 'nokaslr', 'audit=0', 'tsc=reliable', 'norandmaps'];

const AUTOMATIC = ['auto=true', 'priority=critical'];

/**
 * A build is watched over the serial console, whose terminal is called dumb so that the installer does not put screen(1)
 * between; a person in front of a machine sees the screen.
 */
export const installerArguments = (
  { answers, tuning }: Recipe,
  { delivery }: { readonly delivery: boolean },
): readonly string[] => [
  ...AUTOMATIC,
  ...(delivery
    ? ['DEBIAN_FRONTEND=newt', 'console=ttyS0,115200', 'console=tty0']
    : [
        'DEBIAN_FRONTEND=text',
        'TERM=dumb',
        'console=ttyS0,115200',
        ...(tuning.skip.includes('kernel-arguments') ? [] : BUILD_ONLY),
      ]),
  ...answers.installerArguments,
];

/** The last console is /dev/console. */
export const targetArguments = ({ answers }: Recipe): readonly string[] => [
  ...answers.consoles.map((name) => `console=${/^ttyS\d+$/.test(name) ? `${name},115200` : name}`),
  ...answers.kernelArguments,
];
