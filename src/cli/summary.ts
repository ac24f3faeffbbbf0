/** What is said at the end: where the result is, how big, how long each stage took, and how to go on. */

import { join, relative } from 'node:path';
import { counted } from '../counted.ts';
import { ANSWERS } from '../media/netboot/script-hosts.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Delivered, DeliveredMedium } from '../stages/deliver/deliver.ts';
import type { DeliveredAnswers } from '../stages/deliver/deliver-answers.ts';
import type { DeliveredNetboot } from '../stages/deliver/deliver-netboot.ts';
import { heldText } from '../stages/deliver/held-results.ts';
import { bytes, duration } from '../ui/format.ts';
import { waysText } from './media/ways-text.ts';

/** What lies beside every image. */
const ALWAYS = ['manifest.json', 'packages.txt', 'provenance.json', 'SHA256SUMS'];

export const summary = ({ output, manifest, records, held, signedBy }: Delivered): string => {
  const folder = shown(output);
  const files = manifest.images.map(
    ({ file, size, virtualSize }) => `  ${join(folder, file)}  ${bytes(size)} (disk of ${bytes(virtualSize)})`,
  );
  const medium = manifest.medium ? [`  ${join(folder, manifest.medium.file)}  ${bytes(manifest.medium.size)}`] : [];
  const times = records.map(({ stage, cached, duration: time }) => `${stage} ${cached ? 'unchanged' : duration(time)}`);
  const standIns = manifest.standIns.map(({ name }) => name).join(', ');
  const [first] = manifest.images;
  return [
    '',
    `${manifest.name} ${manifest.version}: ${manifest.packages.length} packages`,
    ...files,
    ...medium,
    `  ${folder}/{${[...(manifest.sbom ?? []).map(({ file }) => file), ...ALWAYS].join()}}`,
    signedBy === undefined
      ? '  UNSIGNED: nobody vouches for what provenance.json states; --sign KEY does'
      : `  signed by the key ${signedBy.slice(0, 16)}…`,
    ...heldText(held),
    `stages: ${times.join(', ')}`,
    ...(manifest.installer === undefined
      ? []
      : [
          standIns === ''
            ? "installer: Debian's own components"
            : `installer: components of Ingot stand in (${manifest.installer.standIns}): ${standIns}`,
        ]),
    ...(first ? [`boot it: ingot boot ${join(folder, first.file)}`] : []),
    '',
  ].join('\n');
};

export const mediumSummary = ({ output, medium, added, held, ways }: DeliveredMedium, recipe: Recipe): string => {
  const left = [...(recipe.configure.length > 0 ? ['the configure steps'] : []), 'sealing'].join(' and ');
  const start = {
    ask: 'Its menu waits for a choice; the first entry erases the disk.',
    countdown: 'It ERASES the disk 30 seconds after its menu appears.',
    now: 'It ERASES the disk of the machine that boots from it, at once.',
  }[recipe.media.start];
  return [
    '',
    `${shown(output)}  ${bytes(medium.size)}`,
    `sha256 ${medium.sha256}`,
    ...heldText(held),
    ...waysText(ways),
    start,
    ...hostsText(Object.keys(recipe.hosts)),
    ...recipe.media.files.map(({ from, to }) => `added: ${to} (${from})`),
    ...recipe.media.remove.map((path) => `removed: ${path}`),
    ...(added?.packages.map(({ name, version, source }) => `package added: ${name} ${version} (${source})`) ?? []),
    ...(added === undefined ? [] : [`signed by ${added.signedBy.fingerprint}, a key of ${added.signedBy.key}`]),
    `Not part of a medium: ${left}.`,
    '',
  ].join('\n');
};

export const answersSummary = ({ kind, file, names, leftOut, held }: DeliveredAnswers): string =>
  [
    '',
    `${shown(file.path)}  ${bytes(file.size)}`,
    `sha256 ${file.sha256}`,
    `label ${kind.label}, for ${kind.installer}: ${names.join(', ')}`,
    ...heldText(held),
    kind.mind,
    ...(leftOut.length === 0 ? [] : [`Not part of it: the kernel arguments ${leftOut.join(' ')}`]),
    '',
  ].join('\n');

export const netbootSummary = ({ output, memory, held, kernel, initrd, hosts, isShared }: DeliveredNetboot): string => {
  const folder = shown(output);
  const tree = initrd === 'initrd.img' ? ['tree'] : [];
  const answers = hosts.length === 0 ? [] : ['hosts', ...(isShared ? [ANSWERS] : [])];
  const files = [kernel, initrd, ...answers, ...tree].join();
  return [
    '',
    `${folder}/{${files},boot.ipxe,grub.cfg,pxelinux.cfg,manifest.json,SHA256SUMS}`,
    ...hostsText(hosts),
    `Machines need ${bytes(memory)} of memory for it, in addition to what their installer needs.`,
    ...(held.length === 0 ? [] : [heldByNetboot(held, hosts)]),
    '',
  ].join('\n');
};

const heldByNetboot = (held: readonly string[], hosts: readonly string[]): string => {
  const [what, it] = hosts.length === 0 ? ['The initrd holds', 'it'] : ['Files with answers hold', 'them'];
  return `${what} ${held.join(' and ')}: only you can read ${it}. Let your server read ${it} as well, on a network that you trust.`;
};

const hostsText = (hosts: readonly string[]): string[] => {
  if (hosts.length === 0) return [];
  const first = hosts.slice(0, 8).join(', ');
  return [`${counted(hosts.length, 'host')}: ${first}${hosts.length > 8 ? ', …' : ''}`];
};

const shown = (path: string): string => {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
};
