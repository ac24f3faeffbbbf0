/** With which firmware a medium starts unattended, and with which it does not, for people. */
import { PATH_WORDS } from '../../media/boot/boot-paths.ts';
import { problemText, type UnattendedWay } from '../../media/loaders/unattended-ways.ts';

/** `Unattended by: BIOS from CD, BIOS from USB (ISOLINUX); UEFI from CD (shim and GRUB)`, and what is not. */
export const waysText = (ways: readonly UnattendedWay[]): string[] => {
  const own = ways.filter(({ isOther }) => !isOther);
  const reached = Map.groupBy(
    own.filter(({ problem }) => problem === undefined),
    ({ loader }) => loader,
  );
  const by = [...reached].map(
    ([loader, all]) => `${[...new Set(all.map(({ path }) => PATH_WORDS[path]))].join(', ')} (${loader})`,
  );
  const failing = ways.filter(({ problem }) => problem !== undefined);
  return [
    ...(by.length === 0 ? [] : [`Unattended by: ${by.join('; ')}`]),
    ...failing.map((way) => `NOT unattended by ${problemText(way)}`),
  ];
};
