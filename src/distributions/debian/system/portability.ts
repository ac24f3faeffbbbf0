/** The rules for an image that boots anywhere and is right in production, checked on the facts of a captured disk. */

import { PARTITION_TYPES } from '../../../capture/partitions.ts';
import type { Expected, PortabilityFinding, Sources } from '../../../capture/portability-finding.ts';
import { AUTOMATIC, BUILD_ONLY } from '../../../recipe/load/build-arguments.ts';
import type { DiskFacts } from './facts.ts';

interface PortabilityRule {
  readonly name: string;
  /** What is wrong, in words; empty when the rule holds. */
  readonly check: (facts: DiskFacts, expected: Expected) => readonly string[];
}

const unless = (holds: boolean, message: string): readonly string[] => (holds ? [] : [message]);
const INSTALLER_ONLY: readonly string[] = [...BUILD_ONLY, ...AUTOMATIC];
const DEVICE_PATH = /\/dev\/(sd|vd|hd|xvd|nvme)[a-z0-9]*/;
const TIME_SERVICES = /^(systemd-timesyncd|chrony|chronyd|ntp|ntpsec|openntpd)\.service$/;

/** `https://deb.example.org/debian bookworm main`, one for each of them. */
const archivesOf = (sources: readonly Sources[]): string[] =>
  sources.flatMap(({ uris, suites, components }) =>
    uris.flatMap((uri) =>
      suites.flatMap((suite) => components.map((component) => `${uri.replace(/\/+$/, '')} ${suite} ${component}`)),
    ),
  );

export const PORTABILITY_RULES: readonly PortabilityRule[] = [
  {
    name: 'initramfs for any hardware',
    check: ({ initramfs }) => unless(initramfs.modules === 'most', `MODULES=${initramfs.modules ?? '(unset)'}`),
  },
  {
    name: 'no resume device',
    check: ({ initramfs, commandLines }) => [
      ...unless(['none', undefined].includes(initramfs.resume), `RESUME=${initramfs.resume}`),
      ...commandLines.filter((line) => /\bresume=/.test(line)),
    ],
  },
  {
    name: 'UUIDs only in fstab',
    check: ({ fstab }) => fstab.filter(({ device }) => device.startsWith('/dev/')).map(({ device }) => device),
  },
  {
    name: 'UUIDs only in the boot loader',
    check: ({ grubConfig, commandLines, grubDevices }) => [
      ...unless(grubConfig !== '', 'there is no grub.cfg'),
      ...commandLines.filter((line) => !/\broot=UUID=/.test(line)).map((line) => `no root=UUID=: ${line}`),
      ...grubConfig.split('\n').filter((line) => DEVICE_PATH.test(line)),
      ...unless(grubDevices === undefined, `grub-pc/install_devices: ${grubDevices}`),
    ],
  },
  {
    name: 'kernel command line as the recipe says',
    check: ({ commandLines }, { consoles, kernelArguments }) => [
      ...unless(commandLines.length > 0, 'the boot menu starts no kernel'),
      ...commandLines.flatMap((line) => {
        const words: readonly string[] = line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
        const wanted = [...consoles.map((console) => `console=${console}`), ...kernelArguments];
        const has = (word: string) => words.some((one) => one === word || one.startsWith(`${word},`));
        const last = words.findLast((word) => word.startsWith('console='));
        return [
          ...wanted.filter((word) => !has(word)).map((word) => `${word} is missing`),
          ...INSTALLER_ONLY.filter((word) => words.includes(word) && !kernelArguments.includes(word)),
          ...unless(
            consoles.length === 0 || last === undefined || last.startsWith(`console=${consoles.at(-1)}`),
            `the last console is ${last}`,
          ),
        ];
      }),
    ],
  },
  {
    name: 'boots with BIOS and with UEFI',
    check: ({ label, partitions, bootFiles, hasBootCode }) => [
      ...unless(label === 'gpt', `the partition table is ${label}`),
      ...unless(
        partitions.some(({ type }) => type === PARTITION_TYPES.biosBoot),
        'no BIOS boot partition',
      ),
      ...unless(
        partitions.some(({ type }) => type === PARTITION_TYPES.esp),
        'no EFI system partition',
      ),
      ...unless(hasBootCode, 'no boot code in the first sector'),
      ...unless(bootFiles.includes('/boot/grub/i386-pc/core.img'), 'no GRUB for BIOS'),
      ...unless(
        bootFiles.some((path) => path.toUpperCase().endsWith('/EFI/BOOT/BOOTX64.EFI')),
        'no EFI/BOOT/BOOTX64.EFI',
      ),
    ],
  },
  { name: 'no address of a network card', check: ({ hardwareAddresses }) => hardwareAddresses },
  {
    name: 'root is last and grows',
    check: ({ partitions, rootPartition, growsRoot }) => {
      const last = partitions.toSorted((one, other) => one.start - other.start).at(-1);
      return [
        ...unless(last?.number === rootPartition, `partition ${last?.number} lies after the root partition`),
        ...unless(growsRoot, 'nothing grows the root file system'),
      ];
    },
  },
  {
    name: 'signed package sources, security included',
    check: ({ aptSources }) => [
      ...unless(aptSources.length > 0, 'there is no package source'),
      ...aptSources.flatMap(({ file, format, signedBy, trusted, uris }) => [
        ...unless(format === 'deb822', `${file} is not in deb822 format`),
        ...unless(signedBy !== undefined, `${file} has no Signed-By`),
        ...unless(!trusted, `${file} is trusted without a signature`),
        ...uris.filter((uri) => /^(cdrom|file|copy):/.test(uri)),
      ]),
      ...unless(
        aptSources.some(({ suites }) => suites.some((suite) => suite.endsWith('-security'))),
        'no security updates',
      ),
    ],
  },
  {
    name: 'package sources as the recipe says',
    check: ({ aptSources }, { repositories }) => {
      if (repositories === undefined) return [];
      const [there, wanted] = [new Set(archivesOf(aptSources)), new Set(archivesOf(repositories))];
      return [
        ...[...wanted.difference(there)].map((archive) => `${archive} is missing`),
        ...[...there.difference(wanted)].map((archive) => `${archive} is not in the recipe`),
      ];
    },
  },
  { name: 'packages are whole', check: ({ brokenPackages }) => brokenPackages },
  {
    name: 'the locale exists',
    check: ({ locale, hasLocaleArchive }) =>
      unless(
        locale !== undefined && (/^C\.UTF-?8$/i.test(locale) || hasLocaleArchive),
        `LANG=${locale ?? '(unset)'} is not generated`,
      ),
  },
  {
    name: 'the hardware clock is in UTC',
    check: ({ hardwareClock }) => unless(hardwareClock === 'UTC', `it is in ${hardwareClock}`),
  },
  {
    name: 'a time service',
    check: ({ enabledUnits }) =>
      unless(
        enabledUnits.some((unit) => TIME_SERVICES.test(unit)),
        'none is enabled',
      ),
  },
  {
    name: 'cloud-init as the recipe says',
    check: ({ packages }, { cloudInit }) => {
      const installed = packages.some(({ name }) => name === 'cloud-init');
      return unless(
        cloudInit === undefined || installed === cloudInit,
        installed ? 'it is installed' : 'it is not installed',
      );
    },
  },
];

export const checkPortability = (facts: DiskFacts, expected: Expected): PortabilityFinding[] =>
  PORTABILITY_RULES.flatMap(({ name, check }) => check(facts, expected).map((message) => ({ rule: name, message })));
