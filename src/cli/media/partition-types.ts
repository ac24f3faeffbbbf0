/** Names of the partition types that media have: MBR numbers, and GPT's GUIDs as their bytes lie on the disk. */
const NAMES: Readonly<Record<string, string>> = {
  '0x00': 'empty',
  '0x17': 'hidden NTFS (isohybrid)',
  '0x83': 'Linux',
  '0xcd': 'ISO 9660',
  '0xee': 'protective',
  '0xef': 'EFI system',
  '28732ac11ff8d211ba4b00a0c93ec93b': 'EFI system',
  a2a0d0ebe5b9334487c068b6b72699c7: 'basic data',
  af3dc60f838472478e793d69d8477de4: 'Linux data',
  '005346480000aa11aa1100306543ecac': 'Apple HFS+',
};

export const partitionType = (type: string): string => NAMES[type] ?? type;
