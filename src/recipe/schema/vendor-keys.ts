/**
 * Whose keys sign what can be built from, by a name that a recipe may use in place of a fingerprint. Each has the place where
 * its fingerprint can be compared; `compared` says against what that was done here. A key that was not compared is a
 * copy of what others wrote down: its name is a shorthand, and no reason to trust it.
 */
import { own } from '../../own.ts';

export interface VendorKeys {
  readonly title: string;
  /** Whole, in upper case. One of them has to have signed. */
  readonly fingerprints: readonly string[];
  /** Where its owner publishes the fingerprint. */
  readonly source: string;
  /** Absent: not compared with anything. */
  readonly compared?: string;
  /** A file with the keys on this host, and the Debian package that has it. */
  readonly keyring?: { readonly file: string; readonly package: string };
}

const fedora = (release: number, fingerprint: string): VendorKeys => ({
  title: `Fedora ${release}`,
  fingerprints: [fingerprint],
  source: 'https://fedoraproject.org/security',
});

export const VENDOR_KEYS: Readonly<Record<string, VendorKeys>> = {
  'debian-cd': {
    title: "Debian's install media",
    fingerprints: ['DF9B9C49EAA9298432589D76DA87E80D6294BE9B', '10460DAD76165AD81FBC0CE9988021A964E6EA7D'],
    source: 'https://www.debian.org/CD/verify',
    compared: "Debian's package debian-keyring 2022.12.24, debian-role-keys.gpg",
    keyring: { file: '/usr/share/keyrings/debian-role-keys.gpg', package: 'debian-keyring' },
  },
  'debian-cd-testing': {
    title: "Debian's install media of testing",
    fingerprints: ['F41D30342F3546695F65C66942468F4009EA8AC3'],
    source: 'https://www.debian.org/CD/verify',
    compared: "Debian's package debian-keyring 2022.12.24, debian-role-keys.gpg",
    keyring: { file: '/usr/share/keyrings/debian-role-keys.gpg', package: 'debian-keyring' },
  },
  'ubuntu-iso': {
    title: "Ubuntu's ISOs",
    fingerprints: ['843938DF228D22F7B3742BC0D94AA3F0EFE21092'],
    source: 'https://ubuntu.com/tutorials/how-to-verify-ubuntu',
  },
  'ubuntu-cloud': {
    title: "Ubuntu's cloud images",
    fingerprints: ['D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81'],
    source: 'https://wiki.ubuntu.com/SecurityTeam/FAQ',
  },
  'fedora-42': fedora(42, 'B0F4950458F69E1150C6C5EDC8AC4916105EF944'),
  'fedora-43': fedora(43, 'C6E7F081CF80E13146676E88829B606631645531'),
  'fedora-44': fedora(44, '36F612DCF27F7D1A48A835E4DBFCF71C6D9F90A6'),
  'fedora-45': fedora(45, '4F50A6114CD5C6976A7F1179655A4B02F577861E'),
  'almalinux-9': {
    title: 'AlmaLinux 9',
    fingerprints: ['BF18AC2876178908D6E71267D36CB86CB86B3716'],
    source: 'https://almalinux.org/security',
  },
  'almalinux-10': {
    title: 'AlmaLinux 10',
    fingerprints: ['EE6DB7B98F5BF5EDD9DA0DE5DEE5C11CC2A1E572'],
    source: 'https://almalinux.org/security',
  },
  alpine: {
    title: "Alpine's releases",
    fingerprints: ['0482D84022F52DF1C4E7CD43293ACD0907D9495A'],
    source: 'https://alpinelinux.org/downloads',
  },
};

/** What may stand in `sums.key`. */
export const SUMS_KEY = new RegExp(`^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|${Object.keys(VENDOR_KEYS).join('|')})$`);

/** One of these has to have signed: a vendor's, or the one that was written. */
export const fingerprintsOf = (key: string): readonly string[] => own(VENDOR_KEYS, key)?.fingerprints ?? [key];

/** Where this host has the keys of a vendor when a package brought them. */
export const vendorKeyring = (key: string | undefined): string | undefined =>
  key === undefined ? undefined : own(VENDOR_KEYS, key)?.keyring?.file;
