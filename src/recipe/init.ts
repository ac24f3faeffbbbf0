/** The recipe that `ingot init` writes: small, valid as it is, and commented, so that it can be read as the manual. */

import { stringify } from 'yaml';

/** The text of a recipe of this name; characters that a recipe's name cannot have are left out. */
export const initialRecipe = (wanted: string): string => recipeText(recipeName(wanted));

const recipeText = (name: string): string => `# yaml-language-server: $schema=recipe.schema.json
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
  family: debian
  release: "12"

# What to start from. Either a medium that is made from Debian's signed packages:
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
  disk:
    # The disk of a machine that is installed from the medium: only, smallest, largest, {id: "nvme-*"}, {minSize: 200G}
    select: only
    # swap: 1G
    # partitions:
    #   - {mount: /var, size: 4G}

# The machine in which the image is made.
machine:
  cpus: 2
  memory: 2G
  disk: 8G
  # isolated: the guest reaches nothing. open: it reaches what this host reaches.
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
  # Put the install medium for bare metal beside the images as well.
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
