/** The recipe that `ingot init` writes: small, valid as it is, and commented, so that it can be read as the manual. */

import { stringify } from 'yaml';
import type { Recipe } from './schema.ts';

/** A file that the recipe starts from: an install ISO or a disk image. */
export interface StartingFile {
  readonly kind: 'iso' | 'image';
  /** As the recipe shall name it. */
  readonly path: string;
  readonly sha256: string;
  readonly os: Pick<Recipe['os'], 'family' | 'release'>;
  readonly image?: { readonly format: string; readonly firmware: 'bios' | 'uefi' };
}

/**
 * The text of a recipe of this name; characters that a recipe's name cannot have are left out. Without a file it starts from
 * Debian's packages.
 */
export const initialRecipe = (wanted: string, file?: StartingFile): string => recipeText(recipeName(wanted), file);

const recipeText = (
  name: string,
  file: StartingFile | undefined,
): string => `# yaml-language-server: $schema=recipe.schema.json
# (editors complete and check with it: ingot schema > recipe.schema.json)
#
# What this image is made of. Check it with \`ingot validate\`, see what is made of it with \`ingot render\`,
# build it with \`ingot build\`. \`ingot schema\` prints everything that may be said here.

name: ${stringify(name).trim()}
version: "1"

# Values from outside: --var key=PATH on the command line, or INGOT_VAR_key in the environment.
variables:
  key: ~/.ssh/id_ed25519.pub

os:
  family: ${file?.os.family ?? 'debian'}
  release: "${file?.os.release ?? '12'}"

${file === undefined ? FROM_PACKAGES : fromFile(file)}
answers:
  hostname: ${stringify(hostnameFrom(name)).trim()}
  locale: C.UTF-8
  timezone: Etc/UTC
  users:
    - name: admin-user
      # none, password (needs a password) or nopasswd
      sudo: nopasswd
      sshKeys:
        - file: \${var:key}
      # A password is a crypt hash (mkpasswd -m yescrypt), or a reference to where one is kept:
      # password: {hash: {env: ADMIN_HASH}}
  # Installed in addition to the base system.
  packages: []
${file?.kind === 'image' ? '' : DISK}
# The machine in which the image is made.
machine:
  cpus: 2
  memory: 2G
  disk: 8G
${file?.image === undefined ? '' : `  # bios or uefi: what the image can be started by.\n  firmware: ${file.image.firmware}\n`}  # isolated: the guest reaches nothing. open: it reaches what this host reaches.
  network: isolated

# Steps over SSH after the first boot, in this order: run, copy, ansible, reboot.
configure:
  - name: say where it comes from
    run:
      script: |
        echo "Image ${name}" > /etc/motd

# Seal operations to leave out, and further paths to remove before the disk is captured.
seal:
  skip: []
  remove: []

capture:
  # qcow2, raw
  formats: [qcow2]
${file?.kind === 'image' ? '' : MEDIUM}
# What the finished image must do before it is delivered: it is booted on disks that are thrown away.
# tests:
#   clones: 2
#   checks:
#     - service: ssh
#     - onlyPorts: [22]
#     - user: {name: root, password: locked}

# Rules that it keeps, or it is not delivered: \`ingot policy init\` writes one of your own.
# policy: [baseline]

# What may go from it, and how large it may be.
# slim:
#   strip: [documentation, manual-pages]
#   budget: {image: 400M}

# Each file is held against the signed packages; those that nothing explains are told, or are an error.
# trust: {unexplained: fail}
`;

const FROM_PACKAGES = `# What to start from. Either a medium that is made from Debian's signed packages:
origin:
  assemble: debian
  # Small components of Ingot take the place of installer components: never, where-missing (the mirror lacks them), always.
  standIns: where-missing
  # Packages that lie on the medium for the configure steps, but are not installed.
  packages: []
# or an install ISO, as a file or an https URL, with the sum that its publisher signed; it has to have all packages that
# the answers need, or a mirror beside it (for a netinst ISO):
# origin:
#   iso: debian-12.12.0-amd64-DVD-1.iso
#   sha256: "…"
#   mirror: https://mirror.example.org/debian
# or a disk image that somebody else has made, or that of another recipe, {recipe: base.yaml}:
# origin:
#   image: debian-12-genericcloud-amd64.qcow2
#   sha512: "…"
`;

const fromFile = ({
  kind,
  path,
  sha256,
  image,
}: StartingFile): string => `# What to start from. The digest is that of the file as it was found: compare it with the one that its publisher signed.
origin:
  ${kind}: ${stringify(path).trim()}
${image === undefined ? '' : `  format: ${image.format}\n`}  sha256: ${sha256}
`;

const DISK = `  disk:
    # The disk of a machine that is installed from the medium: only, smallest, largest, {id: "nvme-*"}, {minSize: 200G}
    select: only
    # swap: 1G
    # partitions:
    #   - {mount: /var, size: 4G}
`;

const MEDIUM = `  # Put the install medium for bare metal beside the images as well.
  medium: false
`;

const recipeName = (wanted: string): string =>
  wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 64) || 'image';

/** The name without what a host name cannot have. */
const hostnameFrom = (name: string): string => {
  const letters = name
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  return letters.length < 2 ? 'debian' : letters.replace(/-+$/, '');
};
