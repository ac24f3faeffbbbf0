/**
 * LZMA without a header (7-zip.org/sdk: lzma-specification.txt), as GRUB's core for BIOS is packed: the decoder is small,
 * and the alternative would be one more tool on the host for thirty kilobytes.
 */

/** Literal context bits, literal position bits, position bits: what GRUB packs with (util/mkimage.c). */
const [LC, LP, PB] = [3, 0, 2];
const TOP = 2 ** 24;
/** Probabilities have 11 bits and move by a 32nd. */
const BITS = 11;
const MOVE = 5;

class Damaged extends Error {}

/** The `size` bytes that `packed` expands to, or as many as it has; undefined where it is not such a stream. */
export const expandLzma = (packed: Uint8Array, size: number): Buffer | undefined => {
  try {
    return new Decoder(packed, size).run();
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
};

const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(1 << (BITS - 1));

interface LengthModel {
  readonly choice: Uint16Array;
  readonly low: Uint16Array;
  readonly mid: Uint16Array;
  readonly high: Uint16Array;
}

const lengthModel = (): LengthModel => ({
  choice: probabilities(2),
  low: probabilities(16 << 3),
  mid: probabilities(16 << 3),
  high: probabilities(256),
});

class Decoder {
  private readonly out: Buffer;
  private filled = 0;
  private at = 5;
  private range = 0xffffffff;
  private code: number;
  private readonly literals = probabilities(0x300 << (LC + LP));
  private readonly isMatch = probabilities(12 << 4);
  private readonly isRep = probabilities(12);
  private readonly isRep0 = probabilities(12);
  private readonly isRep1 = probabilities(12);
  private readonly isRep2 = probabilities(12);
  private readonly isRep0Long = probabilities(12 << 4);
  private readonly slots = probabilities(4 << 6);
  private readonly positions = probabilities(128);
  private readonly align = probabilities(16);
  private readonly lengths = lengthModel();
  private readonly repLengths = lengthModel();

  private readonly packed: Uint8Array;

  constructor(packed: Uint8Array, size: number) {
    this.packed = packed;
    if (packed.length < 5 || packed[0] !== 0) throw new Damaged();
    this.out = Buffer.alloc(size);
    this.code = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).readUInt32BE(1);
  }

  run(): Buffer {
    let [state, rep0, rep1, rep2, rep3] = [0, 0, 0, 0, 0];
    while (this.filled < this.out.length) {
      const position = this.filled & ((1 << PB) - 1);
      const place = (state << 4) + position;
      if (this.bit(this.isMatch, place) === 0) {
        this.literal(state, rep0);
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        continue;
      }
      let length: number;
      if (this.bit(this.isRep, state) === 0) {
        [rep3, rep2, rep1] = [rep2, rep1, rep0];
        length = this.length(this.lengths, position);
        state = state < 7 ? 7 : 10;
        rep0 = this.distance(length);
        if (rep0 === 0xffffffff) break;
      } else {
        if (this.bit(this.isRep0, state) === 0) {
          if (this.bit(this.isRep0Long, place) === 0) {
            state = state < 7 ? 9 : 11;
            this.copy(rep0, 1);
            continue;
          }
        } else if (this.bit(this.isRep1, state) === 0) [rep0, rep1] = [rep1, rep0];
        else if (this.bit(this.isRep2, state) === 0) [rep0, rep1, rep2] = [rep2, rep0, rep1];
        else [rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
        length = this.length(this.repLengths, position);
        state = state < 7 ? 8 : 11;
      }
      this.copy(rep0, length + 2);
    }
    return this.out.subarray(0, this.filled);
  }

  private normalize(): void {
    if (this.range >= TOP) return;
    if (this.at > this.packed.length + 4) throw new Damaged();
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | (this.packed[this.at++] ?? 0)) >>> 0;
  }

  private bit(model: Uint16Array, index: number): 0 | 1 {
    const probability = model[index] ?? 0;
    const bound = (this.range >>> BITS) * probability;
    const isOne = this.code >= bound;
    if (isOne) {
      model[index] = probability - (probability >> MOVE);
      this.code -= bound;
      this.range -= bound;
    } else {
      model[index] = probability + (((1 << BITS) - probability) >> MOVE);
      this.range = bound;
    }
    this.normalize();
    return isOne ? 1 : 0;
  }

  private direct(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.range >>>= 1;
      const isOne = this.code >= this.range;
      if (isOne) this.code -= this.range;
      value = value * 2 + (isOne ? 1 : 0);
      this.normalize();
    }
    return value;
  }

  /** Highest bit first. */
  private tree(model: Uint16Array, offset: number, bits: number): number {
    let node = 1;
    for (let left = bits; left > 0; left--) node = (node << 1) | this.bit(model, offset + node);
    return node - (1 << bits);
  }

  /** Lowest bit first. */
  private reverseTree(model: Uint16Array, offset: number, bits: number): number {
    let [node, value] = [1, 0];
    for (let nth = 0; nth < bits; nth++) {
      const bit = this.bit(model, offset + node);
      node = (node << 1) | bit;
      value |= bit << nth;
    }
    return value;
  }

  private literal(state: number, rep0: number): void {
    const before = this.filled > 0 ? (this.out[this.filled - 1] ?? 0) : 0;
    const base = 0x300 * (before >> (8 - LC));
    let symbol = 1;
    if (state >= 7) {
      let match = this.out[this.filled - rep0 - 1] ?? 0;
      while (symbol < 0x100) {
        const wanted = (match >> 7) & 1;
        match = (match << 1) & 0xff;
        const bit = this.bit(this.literals, base + ((1 + wanted) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== wanted) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(this.literals, base + symbol);
    this.out[this.filled++] = symbol & 0xff;
  }

  private length({ choice, low, mid, high }: LengthModel, position: number): number {
    if (this.bit(choice, 0) === 0) return this.tree(low, position << 3, 3);
    if (this.bit(choice, 1) === 0) return 8 + this.tree(mid, position << 3, 3);
    return 16 + this.tree(high, 0, 8);
  }

  private distance(length: number): number {
    const slot = this.tree(this.slots, Math.min(length, 3) << 6, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) * 2 ** bits) >>> 0;
    if (slot < 14) return base + this.reverseTree(this.positions, base - slot, bits);
    return (base + this.direct(bits - 4) * 16 + this.reverseTree(this.align, 0, 4)) >>> 0;
  }

  private copy(distance: number, length: number): void {
    if (distance >= this.filled) throw new Damaged();
    for (let left = length; left > 0 && this.filled < this.out.length; left--) {
      this.out[this.filled] = this.out[this.filled - distance - 1] ?? 0;
      this.filled++;
    }
  }
}
