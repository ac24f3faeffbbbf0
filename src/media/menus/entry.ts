/** What all boot loaders have in common: an entry starts a kernel with initrds and arguments. */

export interface MenuEntry {
  /** Label (syslinux) or id (GRUB); the title where there is none. */
  readonly id: string;
  readonly title: string;
  /** As written in the menu; absent for entries that start no kernel. */
  readonly kernel: string | undefined;
  readonly initrds: readonly string[];
  readonly arguments: readonly string[];
  /** What is started by multiboot instead of a kernel: a hypervisor, then what it gets as modules. */
  readonly modules?: readonly string[];
  /** The device on which GRUB looks for them, where the entry says so: `(hd0,msdos1)`. */
  readonly root?: string | undefined;
}

/** An entry that starts an installer's kernel. */
export interface InstallerEntry extends MenuEntry {
  readonly kernel: string;
}

/** A disk of the computer, on which no medium has its files. */
export const isOnDisk = (device: string | undefined): boolean => /^\(?hd\d/.test(device ?? '');

/** The entry that Ingot puts into a menu. */
export const ENTRY_ID = 'ingot';

const OTHER_PURPOSE =
  /\b(rescue|expert|speech|braille|spk|memtest|hdt|check|media|mediacheck|rd\.live\.check|oem|safe|troubleshoot)/i;
const OTHER_WAY = /(\/gtk\/|graphical|gui\b|dark|automated|priority=critical|nomodeset|basic graphics)/i;

/**
 * The entry that starts the plain installation, in text mode where there is a choice: the first that is not
 * for another purpose (rescue, a check of the medium) or another form of the same (graphical, speech).
 */
export const installerEntry = <Entry extends MenuEntry>(
  entries: readonly Entry[],
): (Entry & InstallerEntry) | undefined => {
  const cost = (entry: MenuEntry): number => {
    const text = [entry.id, entry.title, ...entry.initrds, ...entry.arguments].join(' ');
    return (OTHER_PURPOSE.test(text) ? 2 : 0) + (OTHER_WAY.test(text) ? 1 : 0);
  };
  return entries
    .filter((entry): entry is Entry & InstallerEntry => entry.kernel !== undefined && entry.initrds.length > 0)
    .filter(({ root }) => !isOnDisk(root))
    .map((entry, place) => ({ entry, place, cost: cost(entry) }))
    .sort((a, b) => a.cost - b.cost || a.place - b.place)[0]?.entry;
};
