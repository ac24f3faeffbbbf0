/** Names of the partition types that disks of systems have: GPT's GUIDs, and MBR numbers. */
const NAMES: Readonly<Record<string, string>> = {
  '21686148-6449-6E6F-744E-656564454649': 'BIOS boot',
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B': 'EFI system',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': 'Linux',
  '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F': 'swap',
  '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709': 'root (amd64)',
  'B921B045-1DF0-41C3-AF44-4C6F280D3FAE': 'root (arm64)',
  'BC13C2FF-59E6-4262-A352-B275FD6F7172': 'boot',
  'E6D6D379-F507-44C2-A23C-238F2A3DF928': 'LVM',
  'A19D880F-05FC-4D3B-A006-743F0F84911E': 'RAID',
  '9E1A2D38-C612-4316-AA26-8B49521E5A8B': 'PReP',
  '82': 'swap',
  '83': 'Linux',
  '8E': 'LVM',
  EF: 'EFI system',
  FD: 'RAID',
};

/** The type itself where it has no name here. */
export const partitionTitle = (type: string): string => NAMES[type] ?? type;
