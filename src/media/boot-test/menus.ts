/**
 * The menus of a medium changed as little as a test needs: one entry of each gets words for its kernel and starts by
 * itself after a second. The words have a number for each entry, so that the kernel itself shows which menu has
 * started it. User interface, other entries and everything else of a menu stay.
 */
import type { MenuFile } from '../loaders/way.ts';
import { type BootMenus, inEfiImage, systemdMenu } from '../menus/boot-menus.ts';
import { ENTRY_ID, type InstallerEntry, installerEntry, type MenuEntry } from '../menus/entry.ts';
import type { EfiMenus } from '../menus/found-menus.ts';
import { grubEntries } from '../menus/grub.ts';
import { setGrubArguments } from '../menus/grub-edit.ts';
import { grubQuote } from '../menus/grub-lexer.ts';
import { type Directive, parseSyslinux } from '../menus/syslinux.ts';
import { appended, setSyslinuxArguments, silenced } from '../menus/syslinux-edit.ts';
import { startSystemdEntry, systemdEntries } from '../menus/systemd-boot.ts';
import { grubMenus, isLoopback } from '../menus/unattend-grub.ts';
import { decidesStart, isInterface, syslinuxMenu } from '../menus/unattend-syslinux.ts';
import type { MenuFiles, SyslinuxRoot } from '../menus/unattended.ts';

/** An entry that a test may start. */
export interface StartedEntry {
  readonly title: string;
  /** The file in which it stands, those of EFI images as `image:/path`. */
  readonly menu: string;
}

export interface TestMenus {
  /** Changed files of the medium, and of its EFI images by their block. */
  readonly files: MenuFiles;
  readonly images: ReadonlyMap<number, MenuFiles>;
  /** By their number. */
  readonly entries: readonly StartedEntry[];
}

type Words = (entry: number) => readonly string[];

export const testMenus = (menus: BootMenus, words: Words): TestMenus => {
  const work = new Work(menus, words);
  for (const root of menus.isolinux) work.isolinux(root);
  work.grub();
  for (const image of menus.images) work.systemd(image);
  return { files: work.files, images: work.images, entries: work.entries };
};

/** Ingot's own entry where there is one, else the one that a remaster would take as its model. */
const chosen = <Entry extends MenuEntry>(entries: readonly Entry[]): (Entry & InstallerEntry) | undefined =>
  installerEntry(entries.filter(({ id }) => id === ENTRY_ID)) ?? installerEntry(entries);

class Work {
  readonly files = new Map<string, string>();
  readonly images = new Map<number, Map<string, string>>();
  readonly entries: StartedEntry[] = [];
  private readonly menus: BootMenus;
  private readonly words: Words;

  constructor(menus: BootMenus, words: Words) {
    this.menus = menus;
    this.words = words;
  }

  /** The further words of an entry that is started from now on. */
  private add(title: string, menu: string) {
    this.entries.push({ title, menu });
    return { installer: this.words(this.entries.length - 1), target: [] };
  }

  private imageAt(lba: number | undefined): EfiMenus | undefined {
    return this.menus.images.find((image) => image.lba === lba);
  }

  private text({ image, path }: MenuFile): string {
    const found = this.imageAt(image);
    const [changed, original] = found ? [this.images.get(found.lba), found.files] : [this.files, this.menus.files];
    return changed?.get(path) ?? original.get(path) ?? '';
  }

  private change({ image, path }: MenuFile, text: string): void {
    const found = this.imageAt(image);
    const files = found === undefined ? this.files : (this.images.get(found.lba) ?? new Map<string, string>());
    files.set(path, text);
    if (found !== undefined) this.images.set(found.lba, files);
  }

  private name({ image, path }: MenuFile): string {
    const found = this.imageAt(image);
    return found === undefined ? path : inEfiImage(found, path);
  }

  grub(): void {
    const { files, images, ways } = this.menus;
    const found: (readonly [MenuFile, MenuFile])[] = [
      // No firmware gets to a menu that only another GRUB reads.
      ...grubMenus(files).flatMap(({ root, holder }) =>
        isLoopback(root)
          ? []
          : [
              [
                { image: undefined, path: root },
                { image: undefined, path: holder },
              ] as const,
            ],
      ),
      ...images.flatMap(({ lba, files: inside }) =>
        grubMenus(inside).map(
          ({ root, holder }) =>
            [
              { image: lba, path: root },
              { image: lba, path: holder },
            ] as const,
        ),
      ),
      ...ways.flatMap((way) =>
        way.menus.flatMap((ref) => (ref.kind === 'grub' ? [[ref.root, ref.holder] as const] : [])),
      ),
    ];
    const started = new Map<string, string>();
    const roots = new Set<string>();
    for (const [root, holder] of found) {
      const name = this.name(holder);
      const entry = chosen(grubEntries(this.text(holder)));
      if (entry === undefined) continue;
      if (!started.has(name)) {
        this.change(holder, setGrubArguments(this.text(holder), entry.id, this.add(entry.title, name)));
        started.set(name, entry.id);
      }
      if (roots.has(this.name(root))) continue;
      roots.add(this.name(root));
      // In `default`, `>` leads into a submenu, and `>>` is the character `>`.
      const id = (started.get(name) ?? entry.id).replaceAll('>', '>>');
      this.change(root, appended(this.text(root), [`set default=${grubQuote(id)}`, 'set timeout=1']));
    }
  }

  systemd(image: EfiMenus): void {
    const entry = chosen(systemdEntries(image.files));
    const [[menu] = ['']] = systemdMenu(image);
    if (entry === undefined) return;
    for (const [path, text] of startSystemdEntry(image.files, entry, this.add(entry.title, menu)))
      this.change({ image: image.lba, path }, text);
  }

  isolinux(root: SyslinuxRoot): void {
    const { files } = this.menus;
    const { files: read, entries } = syslinuxMenu(files, root);
    const entry = chosen(entries);
    if (entry === undefined) return;
    const words = this.add(entry.title, root.main);
    let hasInterface = false;
    for (const file of read) {
      const text = this.files.get(file) ?? files.get(file) ?? '';
      const { directives, entries: own } = parseSyslinux(text);
      hasInterface ||= directives.some(isInterface);
      const nonced = own.some(({ id }) => id === entry.id) ? setSyslinuxArguments(text, entry.id, words) : text;
      const after = silenced(nonced, quiet);
      if (after !== text) this.files.set(file, after);
    }
    const start = hasInterface ? [`ontimeout ${entry.id}`] : [`default ${entry.id}`, 'prompt 0'];
    const lines = [...start, 'timeout 10'];
    this.files.set(root.main, appended(this.files.get(root.main) ?? files.get(root.main) ?? '', lines));
  }
}

const quiet = (directive: Directive): boolean =>
  decidesStart(directive) || (['ui', 'default'].includes(directive.name) && !isInterface(directive));
