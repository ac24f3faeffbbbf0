/** What a bill of materials is written of: an image's inventory, and what its build knows beyond the disk. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { Inventory } from './inventory.ts';

/** A file by its digest. */
export interface DigestedFile {
  readonly name: string;
  readonly sha256?: string | undefined;
}

/** What took part in the build and is no part of the image. */
export interface BuildPart {
  /** `installer`: a component of the installer; `stand-in`: Ingot's own in place of one; `medium`: the install medium. */
  readonly role: 'installer' | 'stand-in' | 'medium';
  readonly name: string;
  readonly version?: string | undefined;
  readonly architecture?: string | undefined;
  readonly sha256?: string | undefined;
  /** What for, in words. */
  readonly description?: string | undefined;
}

export interface Bill {
  /** Of the image. */
  readonly name: string;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly images: readonly DigestedFile[];
  /** The image that the build began with. */
  readonly parent?: DigestedFile | undefined;
  readonly parts: readonly BuildPart[];
  readonly ingot: string;
  readonly inventory: Inventory;
}

/** Whole seconds, as both forms want it. */
export const timestampOf = ({ created }: Pick<Bill, 'created'>): string =>
  `${new Date(created).toISOString().slice(0, 19)}Z`;

/** A UUID of the content alone (RFC 9562, version 8): the same bill has the same one, whenever it is written. */
export const identityOf = ({ created: _, ...content }: Bill): string => {
  const digest = createHash('sha256').update(canonicalJson(content)).digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** `Name <address>`, as packages have it. */
export const personOf = (text: string): { readonly name: string; readonly address?: string } => {
  const [, name = '', address] = /^(.*?)\s*<([^<>@\s]+@[^<>@\s]+)>\s*$/.exec(text) ?? [];
  if (address === undefined) return { name: text.trim() };
  return { name: name === '' ? address : name.replace(/^"(.*)"$/, '$1'), address };
};
