/** Packages and where they come from: apt and dpkg in an installer or a guest. */
import type { Cause } from '../cause.ts';
import { PACKAGE_HINT, packageFailure, toldOf } from '../package-failure.ts';

const APT = 'apt: apt-pkg, cmdline';

export const PACKAGES: readonly Cause[] = [
  {
    code: 'packages.script',
    message: 'a package could not be set up: {found}',
    hint: PACKAGE_HINT,
    dig: (log, last) => {
      const failure = packageFailure(log, last);
      return failure && { found: toldOf(failure), lines: failure.lines };
    },
    source: 'dpkg: lib/dpkg, src/main; rpm: lib/rpmscript.c; dnf',
  },
  {
    code: 'packages.clock',
    message: 'the signature of a package index is not valid at the time of the machine’s clock',
    hint: 'An archive of the past has indexes that have expired: set `Acquire::Check-Valid-Until` for it, or use one that is kept up to date. Is the host’s clock right?',
    lines: [
      /Release file for \S+ is (?:not valid yet|expired)/,
      /E: The repository '.*' is (?:not valid yet|no longer valid)/,
    ],
    source: APT,
  },
  {
    code: 'packages.signature',
    message: 'a package index is not signed by a key that is trusted',
    hint: 'Give the repository’s key (answers.repositories: key), or debian-installer/… apt-setup/localN/key in your own answer file.',
    lines: [
      /\bNO_PUBKEY [0-9A-F]+/,
      /\bBADSIG [0-9A-F]+/,
      /E: The repository '.*' is not signed/,
      /W: GPG error: .*signatures (?:couldn't be verified|were invalid)/,
      /\bEXPKEYSIG [0-9A-F]+/,
    ],
    source: APT,
  },
  {
    code: 'packages.damaged',
    message: 'a package or an index is not what its sum says',
    hint: 'Is the mirror being renewed, or a proxy in the way? Try again; for a medium: `ingot media verify ISO`.',
    lines: [
      /\bHash Sum mismatch\b/i,
      /dpkg-deb: error: .*(?:not a Debian format archive|corrupt|unexpected end of file)/,
      /E: debootstrap: .*corrupt|debootstrap: W: Couldn't download package|was corrupt$/,
      /lzma error: compressed data is corrupt/,
    ],
    source: `${APT}; dpkg: dpkg-deb/extract.c; debootstrap: functions`,
  },
  {
    code: 'packages.unknown',
    message: 'there is no package {package}',
    hint: 'Is it spelled right, and is it in the release, its components (main, contrib, non-free) and its repositories? On an assembled medium only the recipe’s packages are.',
    lines: [
      /E: Unable to locate package (?<package>\S+)/,
      /E: Package '(?<package>[^']+)' has no installation candidate/,
      /E: Couldn't find these debs: (?<package>.+)/,
      /E: Version '[^']*' for '(?<package>[^']+)' was not found/,
    ],
    source: `${APT}; debootstrap: functions`,
  },
  {
    code: 'packages.dependencies',
    message: 'a package cannot be installed: what it depends on is missing, or conflicts',
    hint: 'The lines above name the packages; leave out one of two that exclude each other, or add the repository that has the missing one.',
    lines: [
      /The following packages have unmet dependencies/,
      /E: Unable to correct problems, you have held broken packages/,
    ],
    source: APT,
  },
  {
    code: 'packages.name-resolution',
    message: 'the name of a mirror or repository is not resolved: {host}',
    hint: 'Is the name right, and has the machine a network (machine.network) and a name server? An isolated machine reaches nothing outside.',
    lines: [
      /wget: bad address '(?<host>[^']+)'/,
      /wget: unable to resolve host address ['‘"](?<host>[^'’"]+)/,
      /Could not resolve '(?<host>[^']+)'/,
      /Temporary failure resolving '(?<host>[^']+)'/,
    ],
    source: `${APT}; BusyBox: networking/wget.c; GNU wget`,
  },
  {
    code: 'packages.unreachable',
    message: 'a mirror or repository cannot be reached',
    hint: 'Does it listen at this address and port, and has the machine a network (machine.network)?',
    lines: [
      /wget: can't connect to remote host/,
      /(?:Could not connect to|Unable to connect to|Cannot initiate the connection to) \S+/,
      /wget: download timed out/,
      /(?:Connection refused|No route to host|Network is unreachable)\)?(?: \[IP: .*)?$/,
    ],
    source: `${APT}; BusyBox: networking/wget.c`,
  },
  {
    code: 'packages.not-found',
    message: 'a mirror or repository does not have what it is asked for (404)',
    hint: 'Are the release’s name and the path of the mirror right? A mirror may have dropped an old release.',
    lines: [
      /wget: server returned error: HTTP\/\S+ 404/,
      /\b404 +Not Found \[IP:/,
      /E: The repository '.*' does not have a Release file/,
    ],
    source: `${APT}; BusyBox: networking/wget.c`,
  },
];
