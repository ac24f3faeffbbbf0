/** Whether a remastered medium boots in every way in which the original does, as far as its structures tell. */
import { bootPathsOf } from '../boot/boot-paths.ts';
import { isFiller } from '../iso/appended.ts';
import type { BootReport } from '../iso/xorriso-report.ts';

/** What the original's boot structures have and the result's do not. */
export const bootProblems = (before: BootReport, after: BootReport): string[] => {
  const missing = <T>(name: string, from: readonly T[], to: readonly T[], shape: (item: T) => string): string[] => {
    const have = to.map(shape);
    return from.map(shape).flatMap((wanted) => {
      const at = have.indexOf(wanted);
      if (at < 0) return [`${name}: ${wanted}`];
      have.splice(at, 1);
      return [];
    });
  };
  const moved = [...after.mbr, ...after.gpt].filter(({ path, start }) => {
    const image = after.elTorito.find((candidate) => candidate.path === path && path !== undefined);
    return image !== undefined && image.lba * 4 !== start;
  });
  return [
    ...missing('boot path', bootPathsOf(before), bootPathsOf(after), (path) => path),
    ...missing('El Torito', before.elTorito, after.elTorito, (image) =>
      [image.platform, image.bootable, image.emulation, image.path ?? '', ...image.options].join(' '),
    ),
    ...missing('system area', before.systemArea, after.systemArea, (word) => word),
    ...missing('MBR partition', before.mbr, after.mbr, ({ number, type, active }) => `${number} ${type} ${active}`),
    ...missing(
      'GPT partition',
      before.gpt.filter((partition) => !isFiller(partition)),
      after.gpt,
      ({ number, type }) => `${number} ${type}`,
    ),
    ...moved.map(({ number }) => `partition ${number} does not begin where its EFI image lies`),
  ];
};
