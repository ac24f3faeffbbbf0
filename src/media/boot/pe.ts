/**
 * Whether bytes can be a program for UEFI: a PE image (Microsoft's PE format, "File headers"; UEFI specification, 2.1.1)
 * whose parts lie inside the file, as firmware looks at them before it starts one.
 */
import { own } from '../../own.ts';

const MZ = 0x5a4d;
const PE = 0x4550;
/** PE32 and PE32+: their magic, and where in the optional header the directory of tables begins. */
const DIRECTORIES: Readonly<Record<number, number>> = { 267: 96, 523: 112 };
/** Applications, drivers of both kinds. */
const EFI_SUBSYSTEMS = [10, 11, 12];
const SECURITY = 4;
const SECTION = 40;

/** Machines by the ending of a default loader's name (UEFI specification, 3.5.1.1). */
const MACHINES: Readonly<Record<string, number>> = {
  x64: 0x8664,
  ia32: 0x14c,
  aa64: 0xaa64,
  arm: 0x1c2,
  riscv64: 0x5064,
  loongarch64: 0x6264,
};

/** What is wrong with it, in words; undefined for a program that firmware accepts. `name` as in `BOOTX64.EFI`. */
export const peProblem = (bytes: Buffer, name: string): string | undefined => {
  if (bytes.length < 64 || bytes.readUInt16LE(0) !== MZ) return 'does not begin as a program';
  const header = bytes.readUInt32LE(60);
  const optional = header + 24;
  if (optional + 112 > bytes.length || bytes.readUInt32LE(header) !== PE) return 'has no PE header';
  const machine = bytes.readUInt16LE(header + 4);
  const [, ending = ''] = /^boot([a-z0-9]+)\.efi$/i.exec(name) ?? [];
  const wanted = own(MACHINES, ending.toLowerCase());
  if (wanted !== undefined && machine !== wanted) return `is for machine 0x${machine.toString(16)}`;
  const directories = DIRECTORIES[bytes.readUInt16LE(optional)];
  if (directories === undefined) return 'has no optional header of PE32 or PE32+';
  if (!EFI_SUBSYSTEMS.includes(bytes.readUInt16LE(optional + 68))) return 'is no program for UEFI';
  const sections = optional + bytes.readUInt16LE(header + 20);
  const count = bytes.readUInt16LE(header + 6);
  if (count === 0 || sections + count * SECTION > bytes.length) return 'has no table of sections inside the file';
  return (
    sectionProblem(bytes, sections, count, bytes.readUInt32LE(optional + 16)) ??
    cutSignature(bytes, optional + directories)
  );
};

const sectionProblem = (bytes: Buffer, sections: number, count: number, entry: number): string | undefined => {
  let hasEntry = false;
  for (let at = sections; at < sections + count * SECTION; at += SECTION) {
    const [virtualSize, virtual, size, from] = [8, 12, 16, 20].map((place) => bytes.readUInt32LE(at + place));
    if (virtualSize === undefined || virtual === undefined || size === undefined || from === undefined) continue;
    const name = bytes.toString('latin1', at, at + 8).replaceAll('\0', '');
    if (size > 0 && from + size > bytes.length) return `is cut: its section ${name} reaches past its end`;
    if (entry < virtual || entry >= virtual + Math.max(virtualSize, size)) continue;
    hasEntry = true;
    // Code begins where the entry points; a hole there is what a lost block leaves.
    const begin = from + entry - virtual;
    if (bytes.subarray(begin, begin + 16).every((byte) => byte === 0)) return 'has no code where it begins';
  }
  return hasEntry ? undefined : 'begins outside its sections';
};

/** Only the table of certificates is named by its place in the file. */
const cutSignature = (bytes: Buffer, directories: number): string | undefined => {
  const count = directories <= bytes.length ? bytes.readUInt32LE(directories - 4) : 0;
  const at = directories + SECURITY * 8;
  if (count <= SECURITY || at + 8 > bytes.length) return undefined;
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) > bytes.length
    ? 'is cut: its signature is not all there'
    : undefined;
};

/** Names of the sections of a program; none for what is not a program. */
export const peSections = (bytes: Buffer): string[] => {
  if (bytes.length < 64 || bytes.readUInt16LE(0) !== MZ) return [];
  const header = bytes.readUInt32LE(60);
  if (header + 24 > bytes.length || bytes.readUInt32LE(header) !== PE) return [];
  const first = header + 24 + bytes.readUInt16LE(header + 20);
  const count = bytes.readUInt16LE(header + 6);
  return Array.from({ length: count }, (_, index) => first + index * SECTION)
    .filter((at) => at + SECTION <= bytes.length)
    .map((at) => bytes.toString('latin1', at, at + 8).replace(/\0.*$/s, ''));
};
