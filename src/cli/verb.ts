/** The verbs by name, and what each does in one line: `--help` has them from here, without loading any. */
import { Command } from '@commander-js/extra-typings';

export const VERBS = {
  build: 'Build images: install, configure, seal, capture. The result is in out/<name>/. Several recipes run at once.',
  media:
    'Make an install medium, or the files to boot it over the network; inspect, compare, verify, test and write media.',
  render: 'Print what the installer is told: the answer file, files for the hooks, kernel arguments, added packages.',
  validate: 'Check a recipe and the files it names. Nothing is started.',
  lint: 'Check preseed and kickstart files, or the answers of a recipe, for what the installer does not understand.',
  explain: 'Show which stages a build would run, and what changed. Nothing is run.',
  lock: 'Write the lock of a recipe, every input by version and digest; check it, or look for newer ones.',
  bundle: 'Pack a locked recipe with all its inputs into one file, to rebuild without a network; check and list it.',
  init: 'Write a new recipe with comments.',
  schema: "Print the recipe's JSON Schema.",
  boot: 'Start an image or ISO in QEMU on a throw-away disk, with SSH, and its serial console on the terminal.',
  inspect: 'Show what is in a disk image without starting it: packages, units, accounts, sizes, files of no package.',
  why: 'Show why a package is in a disk image, and what would go with it.',
  vulns:
    'Show known vulnerabilities of an image, and which updates it lacks: by signed indexes, and by feeds, offline.',
  diff: 'Show what is different between two disk images, or what the steps of a run changed: packages, files and why.',
  test: 'Test an image: read its disk, boot it on machines that are thrown away, and compare two clones of it.',
  egress:
    'Show what an image sends by itself: what is switched on in it, and what is seen on a network that lets nothing out.',
  sbom: 'Write the bill of materials of a disk image: packages, licences, what needs what, files of no package.',
  verify:
    'Check a finished folder or image: digests, signatures, what is stated of it. Offline, from the folder alone.',
  check: 'Hold a disk image against a policy, without starting it: what it has to keep, each finding with what to do.',
  policy: 'Write a policy to start from, check one, list those that are ready.',
  reproduce: 'Make an image again in a store of its own, or take a second one, and say whether they are the same.',
  ci: 'Write a pipeline for GitLab, GitHub or Jenkins that checks, builds, judges and publishes an image.',
  promote: 'Copy a finished folder that holds to where golden images are kept, with a summary of its verification.',
  attest: 'State what was found out about a finished image, signed or not, in its folder.',
  keygen: 'Make a key to sign images with, and its public key beside it.',
  show: 'Show what a run did: stages and phases with times, notes, the error, the files that were kept.',
  shell: "Start a failed run's machine again from its kept disk: serial console on the terminal, and SSH.",
  evidence: 'Pack a run for a bug report: without private keys and password hashes; disks only when asked for.',
  store: 'List, check, remove, export and import the stored results of stages.',
  doctor: 'Check what this host lacks, and show how to install it.',
} as const;

/** What the exit status says where a verb has no words of its own for it. */
export const EXIT_STATUS = '0 done, 1 failed, 2 bad usage or recipe, 130 interrupted';

export type Verb = keyof typeof VERBS;

/** A verb's command without its options. */
export const verb = (name: Verb) => new Command(name).description(VERBS[name]);

export const isVerb = (name: string | undefined): name is Verb => name !== undefined && Object.hasOwn(VERBS, name);
