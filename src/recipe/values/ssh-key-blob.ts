/**
 * The inside of an SSH public key (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4): base64 of strings with their lengths before them, the
 * first of which is the key's type again. A key that was cut or changed is one that sshd passes over without a word.
 */

/** How many strings a key of this type has, and how long one of them is where that is known. */
const SHAPES: Readonly<
  Record<string, { readonly parts: number; readonly key?: readonly [part: number, bytes: number] }>
> = {
  'ssh-rsa': { parts: 3 },
  'ssh-ed25519': { parts: 2, key: [1, 32] },
  'ecdsa-sha2-nistp256': { parts: 3, key: [2, 65] },
  'ecdsa-sha2-nistp384': { parts: 3, key: [2, 97] },
  'ecdsa-sha2-nistp521': { parts: 3, key: [2, 133] },
  'sk-ssh-ed25519@openssh.com': { parts: 3, key: [1, 32] },
  'sk-ecdsa-sha2-nistp256@openssh.com': { parts: 4, key: [2, 65] },
};

/** What to do about a key whose inside is not what its type says; undefined when it is. */
export const keyBlobFault = (type: string, base64: string): string | undefined => {
  const parts = partsOf(Buffer.from(base64, 'base64'));
  const inside = parts?.[0]?.toString('latin1');
  if (inside !== undefined && inside !== type && inside in SHAPES)
    return `The line says ${type}, and the key is one of ${inside}: write that in its place.`;
  const shape = SHAPES[type];
  const isWhole =
    inside === type &&
    parts?.length === shape?.parts &&
    (shape?.key === undefined || parts?.[shape.key[0]]?.length === shape.key[1]);
  return isWhole
    ? undefined
    : 'The key is cut off or changed: `ssh-keygen -l -f FILE` reads a whole one. Copy it again.';
};

/** Undefined where the lengths and the bytes do not fit. */
const partsOf = (bytes: Buffer): Buffer[] | undefined => {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
};
