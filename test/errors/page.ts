/** docs/errors.md, made of the errors in the sources. */
import type { ErrorSite } from './error-sites.ts';
import { UNKNOWN } from './texts.ts';

/** What comes before the dot, and what it speaks of. */
export const AREAS: Readonly<Record<string, string>> = {
  usage: 'The command line. The exit status is 2.',
  recipe:
    'The recipe, and the files that it names. The exit status is 2; each problem is reported with its line and what to do.',
  vulns:
    'Feeds of vulnerabilities and bills of materials. What is wrong with one feed is told in the report, and is no error.',
  lint: 'Files that `ingot lint` is given.',
  host: 'The machine that Ingot runs on: its files, its space, its tools.',
  origin: 'Where the packages and install ISOs come from: mirrors, signatures, digests, what the installer is made of.',
  media: 'Install media: reading, making, verifying, writing to a disk.',
  machine: 'QEMU and the machine that it runs.',
  boot: 'Firmware, boot loader, kernel and boot of a machine. [diagnosis.md](diagnosis.md) says how they are recognised.',
  install: 'The installer, while it runs in the machine. [diagnosis.md](diagnosis.md) says how they are recognised.',
  packages: 'Packages, in the installer and in steps. [diagnosis.md](diagnosis.md) says how they are recognised.',
  disk: 'Disks of the machine.',
  guest: 'The installed system, while it is configured and sealed.',
  template: 'Templates of your own.',
  trust: 'What accounts for the files of an image. [trust.md](trust.md) says how they are judged.',
  tests: 'Tests of a captured image. [testing-images.md](testing-images.md) has the checks.',
  capture: 'The images: making them, reading them from outside, the output folder.',
  inspect: 'What is read out of an image: databases of packages.',
  policy: 'Policies, and what of an image does not keep them.',
  attest: 'What is stated and signed of a finished image.',
  lock: "A recipe's lock, and builds that keep to one. [lock.md](lock.md)",
  bundle: 'Bundles: writing them, and what is wrong with one. [bundle.md](bundle.md)',
  store: 'The store of results.',
};

const INTRODUCTION = `# Error codes

Written by \`npm run generate\` from the sources. An error is printed as \`error: MESSAGE  [CODE]\`, with its place, the details,
and what to do after \`next:\`. A code does not change when its message gets new words: scripts can rely on it
(\`error.code\` of the [events](events.md)). [failures.md](failures.md) says what to do after a failed build.

${UNKNOWN} stands for a value. Where *next* is empty, the message says everything.
`;

export const errorsPage = (sites: readonly ErrorSite[]): string =>
  [INTRODUCTION, ...Object.entries(AREAS).map(([area, text]) => section(area, text, sites)), REST].join('\n');

const section = (area: string, text: string, sites: readonly ErrorSite[]): string => {
  const own = sites.filter(({ code }) => code.startsWith(`${area}.`));
  const codes = [...new Set(own.map(({ code }) => code))].sort();
  const row = (code: string): string => {
    const here = own.filter((site) => site.code === code);
    const messages = distinct(here.flatMap((site) => site.messages));
    const hints = distinct(here.flatMap((site) => site.hints));
    return `| \`${code}\` | ${cell(messages, 'from the program that failed')} | ${cell(hints, 'depends on the cause')} |`;
  };
  return [`## ${area}`, '', text, '', '| code | what | next |', '|---|---|---|', ...codes.map(row), ''].join('\n');
};

const REST = `## Others

\`interrupted\`: by Ctrl-C, a signal, or another build that failed (\`--fail-fast\`); the exit status is 130, and the same command
continues. \`internal\`: a fault of Ingot itself; please report it.
`;

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

const cell = (texts: readonly string[], unknown: string): string =>
  texts
    .map((text) =>
      text === UNKNOWN ? `*${unknown}*` : text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' '),
    )
    .join('<br>');
