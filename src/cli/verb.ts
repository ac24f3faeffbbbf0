/** The verbs by name, and what each does in one line: `--help` has them from here, without loading any. */
import { Command } from '@commander-js/extra-typings';

export const VERBS = {
  build: 'Install, configure, seal and capture: leaves out/<name>/. Several recipes, and variants, side by side.',
  media:
    'Make the install medium for delivery, or inspect, compare, verify, boot and write media; or files to boot it over the network.',
  render: 'Print the answer file, the files for the hooks, kernel arguments and implied packages.',
  validate: 'Check a recipe and the files it names, without starting anything.',
  lint: 'Check preseed and kickstart files, or what a recipe renders, against what the installer knows.',
  explain: 'Say which stages a build would run and which of their inputs changed; runs nothing.',
  init: 'Write a commented recipe.',
  schema: "Print the recipe's JSON Schema.",
  boot: 'Start an image or ISO in QEMU: throw-away disk, SSH forward, serial console on the terminal.',
  show: 'Tell the story of a run: stages and phases with their times, notes, the error, the evidence.',
  shell: "Start a failed run's machine again from its kept disk: serial console on the terminal, and SSH.",
  evidence: 'Pack a run for a bug report, without private keys, password hashes and, unless asked, disks.',
  store: 'List, check, prune and carry the stored results of stages.',
  doctor: 'Say what is missing on this host and how to get it.',
} as const;

export type Verb = keyof typeof VERBS;

/** A verb's command without its options. */
export const verb = (name: Verb) => new Command(name).description(VERBS[name]);

export const isVerb = (name: string | undefined): name is Verb => name !== undefined && Object.hasOwn(VERBS, name);
