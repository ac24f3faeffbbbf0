/**
 * What is in an initramfs, which runs before anything else does: every member of every archive in it (early microcode too) is the same
 * as a file of a signed package, or as one of the disk, which is judged by itself, or is made by mkinitramfs in a form that is known.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { shownPath } from '../../../capture/file-names.ts';
import type { FileNode, FileTree } from '../../../capture/file-tree.ts';
import { messageOf } from '../../../errors.ts';
import { type ReadEntry, readCpio } from '../../../formats/archives/cpio-reader.ts';
import type { Digests } from '../../../trust/digests.ts';
import type { Expectations } from './expectations.ts';
import { microcodeWhy, type VerifiedFiles } from './microcode.ts';

/** By digest, the names under which packages and the disk have such a file. */
export type NamesByDigest = ReadonlyMap<string, ReadonlySet<string>>;

export const namesByDigest = (expected: Expectations, tree: FileTree, digests: Digests): NamesByDigest => {
  const found = new Map<string, Set<string>>();
  const put = (sha256: string | undefined, path: string) => {
    if (sha256 === undefined) return;
    const known = found.get(sha256);
    if (known === undefined) found.set(sha256, new Set([posix.basename(path)]));
    else known.add(posix.basename(path));
  };
  for (const [path, known] of expected) for (const { sha256 } of known) put(sha256, path);
  for (const { path, type, identity } of tree.values()) if (type === 'file') put(digests.get(identity), path);
  return found;
};

interface MadeMember {
  readonly path: RegExp;
  /** What makes it. */
  readonly reason: string;
  /** The whole text; without it the content is not read. */
  readonly text?: RegExp;
}

/** Settings of mdadm.conf(5) that start nothing: `PROGRAM` is not among them. */
export const ARRAYS =
  /^(#.*\n|\s*\n|(HOMEHOST <system>|MAILADDR root|CREATE|DEVICE partitions( containers)?)\n|ARRAY \/dev\/md[\w/:.-]+( +[\w-]+=[\w:./-]+)*\n)*$/;

/** Lists that depmod makes of what is written in modules; `install` among them would start a program (modprobe.d(5)). */
export const MODULE_TEXT = /^(#.*\n|(alias|softdep|weakdep) \S.*\n|\S+ \S+ [bc]\d+:\d+\n)*$/;

/** What mkinitramfs writes into one by itself. A closed list; docs/trust.md has it. */
export const MADE_MEMBERS: readonly MadeMember[] = [
  { path: /^conf\/arch\.conf$/, reason: 'mkinitramfs names the architecture', text: /^DPKG_ARCH=\w+\n$/ },
  { path: /^conf\/conf\.d\/resume$/, reason: 'no place to resume from', text: /^RESUME=none\n$/ },
  { path: /^conf\/conf\.d\/zz-resume-auto$/, reason: 'the place to resume from', text: /^RESUME=[\w=/-]+\n$/ },
  { path: /^cryptroot\/crypttab$/, reason: 'cryptsetup’s hook, with no disk to open', text: /^$/ },
  { path: /^etc\/console-setup\/cached_[\w-]+\.kmap$/, reason: 'console-setup’s hook unpacks the keymap' },
  {
    path: /^usr\/bin\/setupcon$/,
    reason: 'console-setup’s hook, for this keyboard alone',
    text: /^#!\/bin\/sh\n# A micro-version of setupcon with static configuration\.\n(kbd_mode '-[au]' *\n|loadkeys '\/etc\/console-setup\/cached_[\w-]+\.kmap' > '\/dev\/null' *\n|mkdir \/run\/console-setup\n|> ?\/run\/console-setup\/[\w-]+\n|exit 0\n)*$/,
  },
  {
    path: /^etc\/motd$/,
    reason: 'cryptsetup’s hook, for whoever logs in before the disk is open',
    text: /^To unlock root partition, [\w ,]+, run `cryptroot-unlock`\.\n$/,
  },
  { path: /^etc\/mdadm\/mdadm\.conf\.tmp$/, reason: 'mdadm’s hook, on the way to mdadm.conf', text: ARRAYS },
  { path: /^etc\/fstab$/, reason: 'mkinitramfs makes it empty', text: /^(#.*\n)*$/ },
  { path: /^etc\/ld\.so\.cache$/, reason: 'ldconfig, for the libraries in it' },
  {
    path: /^etc\/(passwd|group|nsswitch\.conf)$/,
    reason: 'mkinitramfs, for root alone',
    text: /^(root:[x*]?:0:(0:root:\/root:\/bin\/sh)?.*\n|\w+: *files\n)*$/,
  },
  {
    path: /^(usr\/)?lib\/modules\/[^/]+\/modules\.(alias|builtin\.alias|builtin|dep|symbols)\.bin$/,
    reason: 'depmod, for the modules in it',
  },
  {
    path: /^(usr\/)?lib\/modules\/[^/]+\/modules\.(alias|devname|softdep|symbols|weakdep)$/,
    reason: 'depmod, for the modules in it',
    text: MODULE_TEXT,
  },
  {
    path: /^(usr\/)?lib\/modules\/[^/]+\/modules\.dep$/,
    reason: 'depmod, for the modules in it',
    text: /^([\w./+-]+:( [\w./+-]+)*\n)*$/,
  },
  {
    path: /^scripts\/[\w-]+\/ORDER$/,
    reason: 'mkinitramfs, the order of the scripts in it',
    text: /^(\/scripts\/[\w./-]+ "\$@"\n\[ -e \/conf\/param\.conf \] && \. \/conf\/param\.conf\n)*$/,
  },
  {
    path: /^var\/cache\/fontconfig\/|^run\/initramfs\/modules$|^conf\/modules$/,
    reason: 'mkinitramfs, the modules that are loaded first',
    text: /^([\w-]+( [\w=,-]+)*\n)*$/,
  },
];

/** The programs of busybox are names of its one file. */
const BUSYBOX = 'busybox';
const PROGRAMS = /^(usr\/)?s?bin\/[^/]+$/;

/** What nothing accounts for, one line each; empty when all is in order. Names at most a few. */
export const oddMembers = async (
  file: FileNode,
  names: NamesByDigest,
  facts: VerifiedFiles,
): Promise<readonly string[]> => {
  const odd: string[] = [];
  const paths = new Map<string, ReadonlySet<string>>();
  const links: { readonly path: string; readonly target: string }[] = [];
  try {
    for await (const entry of readCpio(copied(file.content()), () => true)) {
      paths.set(entry.path, entry.type === 'file' ? (names.get(digestOf(entry)) ?? NONE) : NONE);
      if (entry.type === 'symlink') links.push(entry);
      const microcode =
        entry.type === 'file' ? await microcodeWhy(entry.path, entry.content ?? new Uint8Array(), facts) : undefined;
      const why = microcode ?? (entry.type === 'file' ? fileWhy(entry, names) : otherWhy(entry));
      if (why !== undefined && why !== '') odd.push(`${shownPath(entry.path)} ${why}`);
    }
  } catch (error) {
    odd.push(`it cannot be read to its end: ${messageOf(error)}`);
  }
  for (const { path, target } of links) {
    const there = placeOf(paths, path, target);
    if (there === undefined) odd.push(`${shownPath(path)} leads to ${shownPath(target)}, which is not in it`);
    else if (!isKnownLink({ path, target }, paths.get(there), facts))
      odd.push(`${shownPath(path)} leads to ${shownPath(target)}, as it does in no package`);
  }
  return odd;
};

const NONE: ReadonlySet<string> = new Set();
const digestOf = ({ content }: Extract<ReadEntry, { type: 'file' }>): string =>
  createHash('sha256')
    .update(content ?? new Uint8Array())
    .digest('hex');

/** A name of busybox, or of the very file; or a link that the disk, which is judged by itself, has as well. */
const isKnownLink = (
  { path, target }: { readonly path: string; readonly target: string },
  names: ReadonlySet<string> | undefined,
  { isLink }: VerifiedFiles,
): boolean => {
  const [name, leads] = [posix.basename(path), posix.basename(target)];
  if (names?.has(name) || (leads === BUSYBOX && PROGRAMS.test(path)) || name === leads) return true;
  return isLink(name, leads) || path === 'etc/mtab' || RELEASES.every((one) => [name, leads].includes(one));
};
const RELEASES = ['os-release', 'initrd-release'];

/** Pieces of a disk are valid until the next one; a reader of archives keeps several. */
async function* copied(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

const fileWhy = (entry: Extract<ReadEntry, { type: 'file' }>, names: NamesByDigest): string | undefined => {
  if ((entry.mode & 0o6000) !== 0) return 'is setuid or setgid';
  const known = names.get(digestOf(entry));
  if (known?.has(posix.basename(entry.path)) || (known?.has(BUSYBOX) && PROGRAMS.test(entry.path))) return undefined;
  const made = MADE_MEMBERS.find(({ path }) => path.test(entry.path));
  if (made?.text?.test(Buffer.from(entry.content ?? new Uint8Array()).toString('utf8')) ?? made !== undefined)
    return undefined;
  if (made !== undefined) return 'has not the text that mkinitramfs writes';
  return known === undefined
    ? 'is no file of a package'
    : `is a file of another name: ${[...known].slice(0, 2).join(', ')}`;
};

const otherWhy = ({ type, path }: ReadEntry): string | undefined =>
  type === 'directory' || type === 'symlink' || /^dev\/(console|null)$/.test(path) ? undefined : `is a ${type}`;

/** The member that a link leads to; its own path for what the kernel shows once it runs. */
const placeOf = (paths: ReadonlyMap<string, unknown>, path: string, target: string): string | undefined => {
  if (/^\/(proc|dev|run|sys)\//.test(target)) return path;
  const leads = posix.resolve('/', posix.dirname(path), target).slice(1);
  return [leads, `usr/${leads}`, leads.replace(/^usr\//, '')].find((one) => paths.has(one));
};
