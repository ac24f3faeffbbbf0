/** Kernel arguments: the installer's, before `---`, and the installed system's. */
import { BUILD_ONLY } from '../recipe/load/build-arguments.ts';
import type { Recipe } from '../recipe/schema.ts';

/** `own`: arguments that the installer itself needs. */
export const installerArguments = (
  own: readonly string[],
  { answers, tuning }: Recipe,
  { delivery }: { readonly delivery: boolean },
): readonly string[] => [
  ...own,
  ...(delivery || tuning.skip.includes('kernel-arguments') ? [] : BUILD_ONLY),
  ...answers.installerArguments,
];

export const targetArguments = ({ answers }: Recipe): readonly string[] => [
  ...consoleArguments(answers.consoles),
  ...answers.kernelArguments,
];

/** The last console is /dev/console. */
export const consoleArguments = (consoles: readonly string[]): string[] =>
  consoles.map((name) => `console=${/^ttyS\d+$/.test(name) ? `${name},115200` : name}`);
