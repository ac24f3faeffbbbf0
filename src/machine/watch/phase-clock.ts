/** Which phase an installation is in, since when, and how far, from the lines of its log. Time is in milliseconds. */
import type { InstallerPhases, PhaseRule } from './installer-phases.ts';
import { parseHookLine } from './protocol.ts';

export interface PhaseTime {
  readonly name: string;
  readonly ms: number;
}

export interface Progress {
  readonly done: number;
  /** Absent when nobody knows how many there will be. */
  readonly total: number | undefined;
}

export interface PhaseClock {
  readonly name: string;
  /** How long the running phase has taken so far. */
  elapsed(): number;
  /** Takes a line of the log in; returns what it changed. */
  see(line: string): { readonly begun: boolean; readonly progress?: Progress };
  /** All phases with their times, the running one included; one that came twice has the sum of both. */
  times(): readonly PhaseTime[];
}

export const createPhaseClock = (installer: InstallerPhases, now: () => number, packageLines?: number): PhaseClock => {
  const past: PhaseTime[] = [];
  let name = installer.first;
  let rule: PhaseRule | undefined;
  let next = 0;
  let started = now();
  let done = 0;

  const begin = (index: number, found: PhaseRule): void => {
    past.push({ name, ms: now() - started });
    name = found.name;
    rule = found;
    next = index + 1;
    started = now();
    done = 0;
  };

  return {
    get name() {
      return name;
    },
    elapsed: () => now() - started,
    see(line) {
      const message = parseHookLine(line);
      const index =
        message?.word === 'phase'
          ? installer.phases.findIndex((phase) => phase.name === message.name)
          : installer.phases.findIndex(({ begins }, at) => at >= next && begins.test(line));
      const found = installer.phases[index];
      if (found && found.name !== name) {
        begin(index, found);
        return { begun: true };
      }
      if (!rule?.progress?.line.test(line)) return { begun: false };
      done += 1;
      const total = packageLines === undefined ? undefined : Math.max(done, packageLines);
      return { begun: false, progress: { done, total } };
    },
    times() {
      const times = new Map<string, number>();
      for (const { name: phase, ms } of [...past, { name, ms: now() - started }]) {
        times.set(phase, (times.get(phase) ?? 0) + ms);
      }
      return [...times].map(([phase, ms]) => ({ name: phase, ms }));
    },
  };
};
