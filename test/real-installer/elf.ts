/**
 * What a program or library of x86-64 asks the dynamic linker for, and what it offers: libraries, symbols and their
 * versions (System V ABI, "Dynamic Linking"; Linux Standard Base, "Symbol Versioning").
 */

export interface Linkage {
  /** Libraries it needs: `libc.so.6`. */
  readonly libraries: readonly string[];
  /** Versions it needs of them: `libc.so.6:GLIBC_2.34`. */
  readonly versions: readonly string[];
  /** Versions it offers itself: `GLIBC_2.34`. */
  readonly offeredVersions: readonly string[];
  /** Symbols that others have to define; those it can do without are left out. */
  readonly undefinedSymbols: readonly string[];
  readonly definedSymbols: readonly string[];
}

const PROGRAM_HEADER = { load: 1, dynamic: 2 };
const TAG = { needed: 1, strings: 5, versionNeeds: 0x6ffffffe, versionDefinitions: 0x6ffffffc };
const DYNAMIC_SYMBOLS = 11;
const WEAK = 2;

/** Undefined for what is no ELF file of 64 bits, or is not linked dynamically. */
export const linkageOf = (file: Buffer): Linkage | undefined => {
  if (file.length < 64 || file.toString('latin1', 0, 5) !== '\x7fELF\x02') return undefined;
  const headers = programHeaders(file);
  const dynamic = headers.find(({ type }) => type === PROGRAM_HEADER.dynamic);
  if (dynamic === undefined) return undefined;
  const at = (address: number): number => {
    const part = headers.find(
      ({ type, from, size }) => type === PROGRAM_HEADER.load && address >= from && address < from + size,
    );
    return part === undefined ? file.length : address - part.from + part.offset;
  };
  const entries = dynamicEntries(file, dynamic.offset, dynamic.size);
  const value = (tag: number): number | undefined => entries.find((entry) => entry.tag === tag)?.value;
  const strings = at(value(TAG.strings) ?? 0);
  const text = (offset: number): string => {
    const start = strings + offset;
    return file.toString('latin1', start, Math.max(start, file.indexOf(0, start)));
  };
  const [needs, definitions] = [value(TAG.versionNeeds), value(TAG.versionDefinitions)];
  const symbols = symbolsOf(file).filter(({ name }) => name > 0);
  return {
    libraries: entries.filter(({ tag }) => tag === TAG.needed).map((entry) => text(entry.value)),
    versions:
      needs === undefined
        ? []
        : neededVersions(file, at(needs)).map(({ library, version }) => `${text(library)}:${text(version)}`),
    offeredVersions: definitions === undefined ? [] : definedVersions(file, at(definitions)).map(text),
    undefinedSymbols: symbols.filter((one) => !one.isDefined && !one.isWeak).map(({ name }) => text(name)),
    definedSymbols: symbols.filter(({ isDefined }) => isDefined).map(({ name }) => text(name)),
  };
};

const programHeaders = (file: Buffer) =>
  table(file, Number(file.readBigUInt64LE(0x20)), file.readUInt16LE(0x36), file.readUInt16LE(0x38)).map((header) => ({
    type: header.readUInt32LE(0),
    offset: Number(header.readBigUInt64LE(8)),
    from: Number(header.readBigUInt64LE(16)),
    size: Number(header.readBigUInt64LE(32)),
  }));

const table = (file: Buffer, start: number, size: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => file.subarray(start + index * size, start + (index + 1) * size));

const dynamicEntries = (file: Buffer, offset: number, size: number) =>
  table(file, offset, 16, Math.floor(size / 16)).map((entry) => ({
    tag: Number(entry.readBigInt64LE(0)),
    value: Number(entry.readBigUInt64LE(8)),
  }));

/** `name` is an offset among the strings. */
const symbolsOf = (file: Buffer) =>
  table(file, Number(file.readBigUInt64LE(0x28)), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c))
    .filter((section) => section.length > 0 && section.readUInt32LE(4) === DYNAMIC_SYMBOLS)
    .flatMap((section) => {
      const [offset, size] = [Number(section.readBigUInt64LE(0x18)), Number(section.readBigUInt64LE(0x20))];
      return table(file, offset, 24, Math.floor(size / 24)).map((symbol) => ({
        name: symbol.readUInt32LE(0),
        isWeak: symbol.readUInt8(4) >> 4 === WEAK,
        isDefined: symbol.readUInt16LE(6) !== 0,
      }));
    });

/** Offsets of names: a chain of libraries, each with a chain of versions. */
const neededVersions = (file: Buffer, start: number): { readonly library: number; readonly version: number }[] => {
  const found = [];
  for (let need = start, next = 1; next !== 0; need += next) {
    const library = file.readUInt32LE(need + 4);
    let version = need + file.readUInt32LE(need + 8);
    for (let count = file.readUInt16LE(need + 2); count > 0; count--) {
      found.push({ library, version: file.readUInt32LE(version + 8) });
      version += file.readUInt32LE(version + 12);
    }
    next = file.readUInt32LE(need + 12);
  }
  return found;
};

const definedVersions = (file: Buffer, start: number): number[] => {
  const names = [];
  for (let definition = start, next = 1; next !== 0; definition += next) {
    names.push(file.readUInt32LE(definition + file.readUInt32LE(definition + 12)));
    next = file.readUInt32LE(definition + 16);
  }
  return names;
};
