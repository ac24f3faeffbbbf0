/** fstab(5), one line a file system. */
export interface FstabEntry {
  /** As written: `UUID=…`, `/dev/sda1`, `tmpfs`. */
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
}

export const parseFstab = (text: string): FstabEntry[] =>
  text.split('\n').flatMap((line) => {
    const [device, path, type, options = 'defaults'] = line.trim().split(/\s+/);
    if (!device || device.startsWith('#') || path === undefined || type === undefined) return [];
    return [{ device, path, type, options: options.split(',') }];
  });
