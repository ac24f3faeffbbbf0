/**
 * What to write instead: words that people use for a field, and that it does not take. The field's own words are in the
 * schema; nearness of letters is `suggest.ts`.
 */
import { own } from '../../../own.ts';
import { sshKeyHint } from '../../values/ssh-key.ts';
import { type Path, pathText } from '../problem.ts';
import { type Hint, instead, synonyms, write } from './hint.ts';
import { consoleHint, installerArgumentHint, kernelArgumentHint } from './kernel-hint.ts';
import { keyboardHint, localeHint, timezoneHint } from './locale-hint.ts';
import { fullNameHint, hostnameHint, sudoHint, timeServerHint, userNameHint } from './name-hint.ts';
import {
  addressHint,
  bondModeHint,
  deviceHint,
  macHint,
  matchHint,
  nameServerHint,
  networkHint,
} from './network-hint.ts';
import { packageHint } from './package-hint.ts';
import { guestPathHint, modeHint } from './path-hint.ts';
import { durationHint, sizeHint, swapHint } from './unit-hint.ts';

/** No name, and no key, is longer. */
const LONGEST = 20_000;

/** The hint for a value in the place of a recipe, if one is known. Numbers and booleans are looked at as text. */
export const hintAt = (path: Path, value: unknown): string | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  if (String(value).length > LONGEST) return undefined;
  const field = pathText(path).replaceAll(/\[\d+\]/g, '[]');
  return own(HINTS, field)?.(String(value)) ?? FORMS.find(({ fields }) => fields.test(field))?.hint(String(value));
};

const familyHint = synonyms({
  ubuntu: "Ubuntu's installer is not Debian's; it is not supported.",
  ...Object.fromEntries(
    ['rhel', 'centos', 'alma', 'almalinux', 'rocky', 'rockylinux', 'oracle', 'el'].map((name) => [
      name,
      write('redhat'),
    ]),
  ),
});

const HINTS: Readonly<Record<string, Hint>> = {
  origin: () => 'Write one of `{assemble: debian}`, `{iso: FILE}` and `{image: FILE}`.',
  'os.family': familyHint,
  'os.release': instead({ bullseye: '"11"', bookworm: '"12"', trixie: '"13"' }),
  'os.arch': instead({ x86_64: 'amd64', x64: 'amd64', 'x86-64': 'amd64' }),
  'answers.hostname': hostnameHint,
  'answers.network': networkHint,
  'answers.network[]': deviceHint,
  'answers.locale': localeHint,
  'answers.keyboard': keyboardHint,
  'answers.keyboard.layout': keyboardHint,
  'answers.timezone': timezoneHint,
  'answers.root.sshKeys[]': sshKeyHint,
  'answers.users[].sshKeys[]': sshKeyHint,
  'answers.users[].name': userNameHint,
  'answers.users[].groups[]': userNameHint,
  'answers.users[].sudo': sudoHint,
  'answers.users[].fullName': fullNameHint,
  'answers.disk.swap': swapHint,
  'answers.packages[]': packageHint,
  'origin.packages[]': packageHint,
  'media.packages[].packages[]': packageHint,
  'answers.consoles[]': consoleHint,
  'answers.kernelArguments[]': kernelArgumentHint,
  'answers.installerArguments[]': installerArgumentHint,
  'answers.ntpServers[]': timeServerHint,
  'machine.firmware': (value) =>
    /secure/i.test(value)
      ? 'An installation is the same with and without Secure Boot: write `uefi`. `tests: {machines: [{name: …, firmware: uefi-secure}]}` starts the image with it.'
      : instead({ efi: 'uefi', ovmf: 'uefi', legacy: 'bios', seabios: 'bios' })(value),
  'machine.network': instead({ none: 'isolated', user: 'open', nat: 'open' }),
  'slim.budget.image': sizeHint,
  'slim.budget.installed': sizeHint,
  'capture.formats[]': (value) => `\`qemu-img convert\` makes ${value} of one of them.`,
};

/** What to do for a field that is missing, by the name of the field. */
const MISSING: readonly { readonly fields: RegExp; readonly hint: string }[] = [
  {
    fields: /(^|\.)sha256$/,
    hint: '`sha256sum FILE` prints that of a file. Compare it with the one that its publisher signed: the build trusts what stands here.',
  },
];

/** The hint for a field that has to be there. */
export const missingHint = (path: Path): string | undefined =>
  MISSING.find(({ fields }) => fields.test(pathText(path)))?.hint;
/** By the name of a field, wherever it stands. */
const FORMS: readonly { readonly fields: RegExp; readonly hint: Hint }[] = [
  {
    fields: /^configure\[\]\.run$/,
    hint: () => 'Write `run: {script: …}`, or `run: {file: …}` for a script in a file.',
  },
  { fields: /^configure\[\]\.copy$/, hint: () => 'Write `copy: {from: …, to: …}`.' },
  { fields: /^configure\[\]\.ansible$/, hint: (value) => write(`ansible: {playbook: ${value}}`) },
  {
    fields: /^answers\.(root|users\[\])\.password$/,
    hint: () => 'No password is written in a recipe: {hash: …} of `mkpasswd -m yescrypt`, or {hash: {env: NAME}}.',
  },
  { fields: /^answers\.network(\[\])?\.(address(\[\])?|routes\[\]\.to)$/, hint: addressHint },
  { fields: /^answers\.network(\[\])?\.(match|bond\.members\[\])$/, hint: matchHint },
  { fields: /^answers\.network(\[\])?\.(match|bond\.members\[\])\.mac$/, hint: macHint },
  { fields: /^answers\.network(\[\])?\.bond\.mode$/, hint: bondModeHint },
  { fields: /^answers\.network(\[\])?\.nameservers\[\]$/, hint: nameServerHint },
  { fields: /^configure\[\]\.copy\.mode$/, hint: modeHint },
  { fields: /^configure\[\]\.(copy\.to|run\.cwd)$/, hint: guestPathHint },
  { fields: /(^|\.)(memory|disk|esp|swap|boot|size|minSize)$/, hint: sizeHint },
  { fields: /(^|\.)(timeout|phase|firstBoot|idle|powerOff|phases\.[^.]+)$/, hint: durationHint },
  {
    fields: /(^|\.)(dhcp|guestAgent|cloudInit|checkpoints?|template|medium|bootTest|install)$/,
    hint: instead({ yes: 'true', on: 'true', no: 'false', off: 'false' }),
  },
];
