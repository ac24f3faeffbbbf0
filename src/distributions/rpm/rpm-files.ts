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
  /** Of a device, as stat(2) has it. */
  readonly device: number;
  /** What of it `rpm --verify` compares (RPMVERIFY_FILEDIGEST and its neighbours): the rest may change. */
  readonly compared: number;
  /** Of a file that belongs to a language. */
  readonly language?: string;
}

/** RPMFILE_CONFIG and its neighbours of rpm's rpmfiles.h. */
export const FILE_FLAGS = { configuration: 1, documentation: 1 << 1, mayBeMissing: 1 << 3, ghost: 1 << 6 } as const;
/** RPMVERIFY_FILEDIGEST and its neighbours of rpm's rpmvf.h. */
export const COMPARED = {
  content: 1 | (1 << 1),
  target: 1 << 2,
  owner: (1 << 3) | (1 << 4),
  mode: 1 << 6,
  device: 1 << 7,
  attributes: 1 << 8,
} as const;

const TAG = {
  fileSizes: 1028,
  fileModes: 1030,
  fileDevices: 1033,
  fileDigests: 1035,
  fileTargets: 1036,
  fileFlags: 1037,
  fileUsers: 1039,
  fileGroups: 1040,
  fileVerifyFlags: 1045,
  fileLanguages: 1097,
  folderIndexes: 1116,
  baseNames: 1117,
  folderNames: 1118,
  longSizes: 5008,
  fileCapabilities: 5010,
} as const;

const ALL_COMPARED = 0xffffffff;

export const filesOf = (header: RpmHeader): RpmFile[] => {
  const folders = header.strings(TAG.folderNames);
  const indexes = header.numbers(TAG.folderIndexes);
  const long = header.numbers(TAG.longSizes);
  const sizes = long.length > 0 ? long : header.numbers(TAG.fileSizes);
  const [modes, flags] = [header.numbers(TAG.fileModes), header.numbers(TAG.fileFlags)];
  const [digests, targets] = [header.strings(TAG.fileDigests), header.strings(TAG.fileTargets)];
  const [users, groups] = [header.strings(TAG.fileUsers), header.strings(TAG.fileGroups)];
  const [capabilities, languages] = [header.strings(TAG.fileCapabilities), header.strings(TAG.fileLanguages)];
  const [devices, compared] = [header.numbers(TAG.fileDevices), header.numbers(TAG.fileVerifyFlags)];
  return header.strings(TAG.baseNames).map((base, nth) => {
    const [digest, target, allowed, language] = [digests[nth], targets[nth], capabilities[nth], languages[nth]];
    return {
      path: `${folders[indexes[nth] ?? -1] ?? '/'}${base}`,
      size: sizes[nth] ?? 0,
      mode: modes[nth] ?? 0,
      user: users[nth] ?? 'root',
      group: groups[nth] ?? 'root',
      flags: flags[nth] ?? 0,
      device: devices[nth] ?? 0,
      compared: compared[nth] ?? ALL_COMPARED,
      ...(digest ? { digest } : {}),
      ...(target ? { target } : {}),
      ...(allowed ? { capabilities: allowed } : {}),
      ...(language ? { language } : {}),
    };
  });
};
