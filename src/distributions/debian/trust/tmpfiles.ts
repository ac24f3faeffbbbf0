/** What systemd-tmpfiles(8) makes, as tmpfiles.d(5) of packages says it: folders with mode and owner, and links. */

export interface MadeFolder {
  readonly kind: 'folder';
  readonly path: string;
  readonly mode: number;
  /** `root:shadow` */
  readonly owner: string;
}

export interface MadeLink {
  readonly kind: 'link';
  readonly path: string;
  readonly target: string;
}

/** `d`, `D`, `e`, and `v`, `q`, `Q`, which are folders where there are no subvolumes; then what may stand after the letter. */
const FOLDER = /^[dDevqQ][-+!=~^$?]*$/;
const LINK = /^L[-+!=~^$?]*$/;

/** Lines that depend on the machine (`%b`) say nothing that can be compared. */
export const parseTmpfiles = (text: string): (MadeFolder | MadeLink)[] =>
  text.split('\n').flatMap((line): (MadeFolder | MadeLink)[] => {
    const [type = '', path = '', mode = '-', user = '-', group = '-', , ...rest] = line.trim().split(/\s+/);
    if (!path.startsWith('/') || line.includes('%')) return [];
    if (LINK.test(type)) return [{ kind: 'link', path, target: rest.join(' ') }];
    if (!FOLDER.test(type)) return [];
    const [bits, owner, belongs] = [mode, user, group].map((word) => word.replace(/^[:~]+/, ''));
    return [
      {
        kind: 'folder',
        path,
        mode: bits === '-' ? 0o755 : Number.parseInt(bits ?? '', 8),
        owner: `${owner === '-' ? 'root' : owner}:${belongs === '-' ? 'root' : belongs}`,
      },
    ];
  });
