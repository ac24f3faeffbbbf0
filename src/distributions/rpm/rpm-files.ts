/** The files of an rpm package, as its header lists them: what was packed, not what lies on the disk. */
import type { RpmHeader } from '../../formats/packages/rpm-header.ts';

export interface RpmFile {
  readonly path: string;
  readonly size: number;
  /** st_mode(2), with the type. */
  readonly mode: number;
  readonly user: string;
  readonly group: string;
  /** By `digestAlgorithm`; absent for what is no regular file. */
  readonly digest?: string;
  readonly target?: string;
  /** RPMFILE_CONFIG and its neighbours. */
  readonly flags: number;
  /** As `getcap` writes it. */
  readonly capabilities?: string;
}

/** RPMFILE_CONFIG and RPMFILE_GHOST of rpm's rpmfiles.h. */
export const FILE_FLAGS = { configuration: 1, ghost: 1 << 6 } as const;

const TAG = {
  fileSizes: 1028,
  fileModes: 1030,
  fileDigests: 1035,
  fileTargets: 1036,
  fileFlags: 1037,
  fileUsers: 1039,
  fileGroups: 1040,
  folderIndexes: 1116,
  baseNames: 1117,
  folderNames: 1118,
  longSizes: 5008,
  fileCapabilities: 5010,
} as const;

export const filesOf = (header: RpmHeader): RpmFile[] => {
  const folders = header.strings(TAG.folderNames);
  const indexes = header.numbers(TAG.folderIndexes);
  const long = header.numbers(TAG.longSizes);
  const sizes = long.length > 0 ? long : header.numbers(TAG.fileSizes);
  const [modes, flags] = [header.numbers(TAG.fileModes), header.numbers(TAG.fileFlags)];
  const [digests, targets] = [header.strings(TAG.fileDigests), header.strings(TAG.fileTargets)];
  const [users, groups] = [header.strings(TAG.fileUsers), header.strings(TAG.fileGroups)];
  const capabilities = header.strings(TAG.fileCapabilities);
  return header.strings(TAG.baseNames).map((base, nth) => {
    const [digest, target, allowed] = [digests[nth], targets[nth], capabilities[nth]];
    return {
      path: `${folders[indexes[nth] ?? -1] ?? '/'}${base}`,
      size: sizes[nth] ?? 0,
      mode: modes[nth] ?? 0,
      user: users[nth] ?? 'root',
      group: groups[nth] ?? 'root',
      flags: flags[nth] ?? 0,
      ...(digest ? { digest } : {}),
      ...(target ? { target } : {}),
      ...(allowed ? { capabilities: allowed } : {}),
    };
  });
};
