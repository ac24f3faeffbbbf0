/** Questions that belong together, for the rule about unanswered ones. */
import type { Severity } from '../../finding.ts';

type Given = (question: string) => string | undefined;

export interface Group {
  /** Answers that show that the file is concerned with the group. */
  readonly begun: RegExp;
  readonly applies: (given: Given) => boolean;
  /** Each is a list of questions; one of them has to be answered. */
  readonly needs: (given: Given) => readonly (readonly string[])[];
  readonly hint?: string;
  /** Lower than the rule's own: it has a default, and is asked where the priority is below `critical`. */
  readonly severity?: Severity;
  /** Asked before the file is read, unless it lies in the initrd. */
  readonly early?: boolean;
}

/** Countries with several time zones: `tzsetup/country/…` of the udeb tzsetup-udeb. */
const SEVERAL_ZONES: ReadonlySet<string> = new Set(
  'AQ AU BR CA CD CL CY EC ES FM GL ID KI KZ MN MX NZ PF PG PT RU UM US'.split(' '),
);

const countryOf = (given: Given): string | undefined =>
  given('debian-installer/country') ?? /^[a-z]{2,3}_([A-Z]{2})/.exec(given('debian-installer/locale') ?? '')?.[1];

export const GROUPS: readonly Group[] = [
  {
    begun: /^debian-installer\/(locale|language|country)$/,
    applies: () => true,
    needs: () => [['keyboard-configuration/xkb-keymap']],
    hint: 'The keyboard is asked for at the priority critical: answer it with us, de, …',
    early: true,
  },
  {
    begun: /^clock-setup\//,
    applies: (given) => SEVERAL_ZONES.has(countryOf(given) ?? ''),
    needs: () => [['time/zone']],
    hint: 'This country has several time zones, and the installer asks which.',
    severity: 'info',
  },
  {
    begun: /^passwd\//,
    applies: (given) => given('passwd/root-login') !== 'false',
    needs: () => [['passwd/root-password', 'passwd/root-password-crypted']],
    hint: 'Answer it, or `passwd/root-login` with false.',
  },
  {
    begun: /^passwd\//,
    // Without root's login a user is made in any case.
    applies: (given) => given('passwd/make-user') !== 'false' || given('passwd/root-login') === 'false',
    needs: () => [
      ['passwd/user-fullname'],
      ['passwd/username'],
      ['passwd/user-password', 'passwd/user-password-crypted'],
    ],
    hint: 'Answer it, or `passwd/make-user` with false.',
  },
  {
    begun: /^netcfg\/(get_ipaddress|get_netmask|get_gateway)$/,
    applies: (given) =>
      given('netcfg/enable') !== 'false' &&
      (given('netcfg/disable_autoconfig') === 'true' || given('netcfg/use_autoconfig') === 'false'),
    needs: (given) => [
      ['netcfg/get_ipaddress'],
      ...(given('netcfg/get_ipaddress')?.includes('/') ? [] : [['netcfg/get_netmask']]),
      ['netcfg/get_gateway'],
      ['netcfg/get_nameservers'],
    ],
  },
  {
    begun: /^grub-installer\/|^debian-installer\/exit\//,
    applies: () => true,
    needs: () => [['finish-install/reboot_in_progress']],
    hint: 'Write `d-i finish-install/reboot_in_progress note`, or it waits at the end.',
    severity: 'info',
  },
  {
    begun: /^grub-installer\/only_debian$/,
    applies: (given) => given('grub-installer/skip') !== 'true',
    needs: () => [['grub-installer/bootdev']],
    hint: 'A machine that boots by BIOS needs it where there is more than one disk.',
    severity: 'info',
  },
  {
    begun: /^mirror\/country$/,
    applies: (given) => given('mirror/country') === 'manual',
    needs: (given) => [[`mirror/${given('mirror/protocol') ?? 'http'}/hostname`]],
    hint: 'Name the host of the mirror, as `mirror/country` is to be entered by hand.',
    severity: 'info',
  },
  {
    begun: /^partman-auto\/(method|disk|expert_recipe|expert_recipe_file|choose_recipe)$/,
    applies: () => true,
    needs: (given) => [
      ['partman-auto/method', 'partman-auto/init_automatically_partition'],
      // RAID is set up in a round of its own, with the same questions.
      ['partman/choose_partition'],
      ['partman/confirm', 'partman/confirm_nooverwrite'],
      ...confirmations(given('partman-auto/method')),
    ],
    hint: 'See the part on partitioning of the example in the installation guide.',
  },
];

const confirmations = (method: string | undefined): string[][] => {
  switch (method) {
    case 'lvm':
      return [['partman-lvm/confirm', 'partman-lvm/confirm_nooverwrite']];
    case 'crypto':
      return [['partman-lvm/confirm', 'partman-lvm/confirm_nooverwrite'], ['partman-crypto/passphrase']];
    case 'raid':
      return [['partman-md/confirm', 'partman-md/confirm_nooverwrite'], ['partman-auto-raid/recipe']];
    default:
      return [];
  }
};
