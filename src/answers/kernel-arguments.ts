/** Kernel arguments: the installer's, before `---`, and the installed system's. */
import type { Recipe } from '../recipe/schema.ts';

/** Makes the installer quicker in an emulated machine; nothing of it may reach the installed system. */
const BUILD_ONLY = ['mitigations=off', 'nokaslr', 'audit=0', 'tsc=reliable', 'norandmaps'];

/** debian-installer's, for an installation without questions. */
export const AUTOMATIC: readonly string[] = ['auto=true', 'priority=critical'];

/** `own`: what the installer itself has to be told. */
export const installerArguments = (
  own: readonly string[],
  { answers, tuning }: Recipe,
  { delivery }: { readonly delivery: boolean },
): readonly string[] => [
  ...own,
  ...(delivery || tuning.skip.includes('kernel-arguments') ? [] : BUILD_ONLY),
  ...answers.installerArguments,
];

/** The last console is /dev/console. */
export const targetArguments = ({ answers }: Recipe): readonly string[] => [
  ...answers.consoles.map((name) => `console=${/^ttyS\d+$/.test(name) ? `${name},115200` : name}`),
  ...answers.kernelArguments,
];
