/** The identifiers of a rebuilt disk: made of what the image is made of, so that the same image has the same ones. */
import { createHash } from 'node:crypto';

/** Goes up when the same files would be written in another way. */
export const REBUILD_FORMAT = 1;

export interface Identity {
  /** For a purpose: `disk`, `partition 2`, …. */
  readonly uuid: (purpose: string) => string;
  /** Four bytes. */
  readonly number: (purpose: string) => number;
  /** Seconds since the epoch; nothing is younger. */
  readonly time: number;
}

/** `seed`: a text that is the same for the same image. */
export const identityOf = (seed: string, time: number): Identity => {
  const digest = (purpose: string): Buffer => createHash('sha256').update(`${seed}\n${purpose}`).digest();
  return {
    time,
    number: (purpose) => digest(purpose).readUInt32BE(),
    uuid(purpose) {
      const bytes = digest(purpose).subarray(0, 16);
      // Version 8: made as the maker likes (RFC 9562, 5.8).
      bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
      bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
      const hex = bytes.toString('hex');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    },
  };
};

/** What stands for a FAT file system: `BDB3-4F3D`. */
export const serialText = (serial: number): string => {
  const hex = (serial >>> 0).toString(16).toUpperCase().padStart(8, '0');
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
};

/** The old identifiers, in small and in capital letters and as systemd escapes them, by the new ones. All are as long as before. */
export const renewal = (renamed: ReadonlyMap<string, string>): ((content: Buffer) => Buffer) => {
  const forms = [
    (text: string) => text.toLowerCase(),
    (text: string) => text.toUpperCase(),
    (text: string) => text.toLowerCase().replaceAll('-', '\\x2d'),
  ];
  const pairs = [...renamed].flatMap(([old, now]) =>
    forms.map((form) => ({ old: Buffer.from(form(old)), now: Buffer.from(form(now)) })),
  );
  return (content) => {
    let made: Buffer | undefined;
    for (const { old, now } of pairs)
      for (let at = content.indexOf(old); at !== -1; at = content.indexOf(old, at + old.length)) {
        made ??= Buffer.from(content);
        now.copy(made, at);
      }
    return made ?? content;
  };
};
