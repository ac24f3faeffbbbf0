/**
 * Kernel arguments of the build's own machine and of an installation without questions: they are part of the answers, and none of
 * them may reach the installed system.
 */

/** Makes an installer quicker in an emulated machine; `tuning.skip` leaves them out. */
export const BUILD_ONLY = ['mitigations=off', 'nokaslr', 'audit=0', 'tsc=reliable', 'norandmaps'];

/** debian-installer's, for an installation without questions. */
export const AUTOMATIC: readonly string[] = ['auto=true', 'priority=critical'];
