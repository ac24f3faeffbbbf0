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
  { os, answers, tuning }: Recipe,
  { delivery }: { readonly delivery: boolean },
): readonly string[] => [
  ...(os.family === 'debian' ? debianArguments(delivery) : anacondaArguments(delivery)),
  ...(delivery || tuning.skip.includes('kernel-arguments') ? [] : BUILD_ONLY),
  ...answers.installerArguments,
];

const debianArguments = (delivery: boolean): readonly string[] => [
  ...AUTOMATIC,
  ...(delivery
    ? ['DEBIAN_FRONTEND=newt', 'console=ttyS0,115200', 'console=tty0']
    : ['DEBIAN_FRONTEND=text', 'TERM=dumb', 'console=ttyS0,115200']),
];

/** Anaconda's boot options; the kickstart files, which hold hashes, are not kept in the installed system. */
const anacondaArguments = (delivery: boolean): readonly string[] => [
  'inst.ks=file:/ingot.ks',
  'inst.nosave=all_ks',
  'inst.text',
  'console=ttyS0,115200',
  ...(delivery ? ['console=tty0'] : []),
];

/** The last console is /dev/console. */
export const targetArguments = ({ answers }: Recipe): readonly string[] => [
  ...answers.consoles.map((name) => `console=${/^ttyS\d+$/.test(name) ? `${name},115200` : name}`),
  ...answers.kernelArguments,
];
