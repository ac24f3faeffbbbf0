/**
 * Whether a UEFI program carries an Authenticode signature: its certificate table is not empty (PE/COFF specification,
 * "Optional Header Data Directories", entry 4). Whose signature it is, only firmware with its keys can say.
 */
const CERTIFICATE_TABLE = 4;
const PE32_PLUS = 0x20b;

export const isSigned = (program: Buffer): boolean => {
  if (program.length < 0x40 || program.toString('latin1', 0, 2) !== 'MZ') return false;
  const header = program.readUInt32LE(0x3c);
  if (header + 24 + 112 + 8 * CERTIFICATE_TABLE + 8 > program.length) return false;
  if (program.toString('latin1', header, header + 4) !== 'PE\0\0') return false;
  const optional = header + 24;
  const directories = optional + (program.readUInt16LE(optional) === PE32_PLUS ? 112 : 96);
  return program.readUInt32LE(directories + 8 * CERTIFICATE_TABLE + 4) > 0;
};
