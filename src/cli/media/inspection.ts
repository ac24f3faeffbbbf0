/** What an inspection found, as people read it. */
import type { BootPath } from '../../media/boot/boot-paths.ts';
import { imageBoots, PATH_WORDS, partitionBoots, systemAreaBoots } from '../../media/boot/boot-paths.ts';
import type { EmbeddedCheck } from '../../media/checks/embedded-checks.ts';
import type { MediumInfo } from '../../media/inspect.ts';
import type { BootImage, ReportedPartition } from '../../media/iso/xorriso-report.ts';
import type { Way } from '../../media/loaders/way.ts';
import type { MenuEntry } from '../../media/menus/entry.ts';
import { bytes, tame } from '../../ui/format.ts';
import { partitionType } from './partition-types.ts';

export const inspectionText = (info: MediumInfo): string =>
  [
    ...identityLines(info),
    '',
    ...bootLines(info),
    ...info.efiImages.flatMap(({ path, lba, files }) => [
      '',
      `EFI image ${path ?? `at block ${lba}, a partition of its own`}`,
      ...files.map((file) => `  ${file}`),
    ]),
    ...[...info.menus].flatMap(([file, entries]) => ['', `menu ${file}`, ...entries.flatMap(entryLines)]),
    ...(info.menus.size === 0 ? ['', 'no boot menu'] : []),
    '',
    ...(info.checks.length === 0 ? ['no embedded checks'] : ['embedded checks']),
    ...info.checks.flatMap((check) => [
      `  ${checkLine(check)}`,
      ...[...check.problems.slice(0, 10), ...check.notes].map((text) => `    ${text}`),
    ]),
  ]
    .map((line) => tame(line, 400).trimEnd())
    .join('\n');

const identityLines = (info: MediumInfo): string[] => {
  const { distribution, osinfo, installer, recognisedBy, volume, diskInfo } = info;
  const system = distribution === undefined ? 'unknown' : Object.values(distribution).join(' ');
  const by = recognisedBy.length === 0 ? '' : `  (by ${recognisedBy.join(', ')})`;
  return [
    `system     ${system}${osinfo === undefined ? '' : `  (osinfo: ${osinfo})`}`,
    `installer  ${installer}${by}`,
    ...(diskInfo === undefined ? [] : [`disk info  ${diskInfo}`]),
    `volume id  ${volume.volumeId}`,
    `size       ${bytes(volume.fileSize)}, file system ${bytes(volume.volumeSize)}`,
  ];
};

export const pathsText = (paths: readonly BootPath[]): string =>
  paths.length === 0 ? 'does not boot' : paths.map((path) => PATH_WORDS[path]).join(', ');

const gives = (path: BootPath | undefined): string => (path === undefined ? '' : `  → ${PATH_WORDS[path]}`);

const bootLines = ({ boot, bootPaths, ways }: MediumInfo): string[] => [
  `boots      ${pathsText(bootPaths)}`,
  ...boot.elTorito.map((image) => `  El Torito ${imageText(image)}${gives(imageBoots(image))}`),
  ...(boot.systemArea.length === 0
    ? []
    : [`  system area ${boot.systemArea.join(', ')}${gives(systemAreaBoots(boot))}`]),
  ...boot.mbr.map((partition) => `  MBR ${partitionText(partition)}${gives(partitionBoots(partition))}`),
  ...boot.gpt.map((partition) => `  GPT ${partitionText(partition)}${gives(partitionBoots(partition))}`),
  ...boot.apm.map((partition) => `  APM ${partitionText(partition)}`),
  ...ways.map((way) => `  ${wayText(way)}`),
];

/** `BIOS from CD: ISOLINUX → /isolinux/isolinux.cfg`, or why its loader is not followed. */
const wayText = ({ path, loader, menus, problems }: Way): string => {
  const places = menus.map((ref) => {
    if (ref.kind === 'isolinux') return ref.root.main;
    if (ref.kind === 'systemd-boot') return `/loader/entries in the EFI image at block ${ref.image}`;
    const { image, path: file } = ref.root;
    return image === undefined ? file : `${file} in the EFI image at block ${image}`;
  });
  return `${PATH_WORDS[path]}: ${loader} → ${[...places, ...problems].join('; ')}`;
};

const imageText = ({ platform, bootable, emulation, path, lba, options }: BootImage): string =>
  [
    platform,
    path ?? `at block ${lba}`,
    ...(bootable ? [] : ['not bootable']),
    ...(emulation === 'none' ? [] : [`emulates ${emulation}`]),
    ...options,
  ].join(', ');

const partitionText = ({ number, type, name, active, start, blocks, path }: ReportedPartition): string =>
  [
    `${number} ${partitionType(type)}`,
    ...(name === undefined ? [] : [`"${name}"`]),
    ...(active ? ['active'] : []),
    `${bytes(blocks * 512)} from sector ${start}`,
    ...(path === undefined ? [] : [path]),
  ].join(', ');

const entryLines = ({ id, title, kernel, initrds, modules = [], arguments: words, root }: MenuEntry): string[] => [
  `  ${title.toWellFormed()}${id === title ? '' : `  [${id}]`}`,
  ...(root === undefined ? [] : [`    root ${root}`]),
  ...(kernel === undefined ? [] : [`    kernel ${kernel}`]),
  ...initrds.map((initrd) => `    initrd ${initrd}`),
  ...modules.map((module, index) => `    ${index === 0 ? 'multiboot' : 'module'} ${module}`),
  ...(words.length === 0 ? [] : [`    arguments ${words.join(' ')}`]),
];

export const checkLine = ({ kind, holds, covers }: EmbeddedCheck): string =>
  `${kind}: ${holds ? 'holds' : 'DOES NOT HOLD'} (${covers})`;
