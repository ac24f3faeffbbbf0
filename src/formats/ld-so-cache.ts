/** ldconfig's cache, /etc/ld.so.cache, in glibc's newer form (`struct cache_file_new` of its dl-cache.h). */

const CACHE_MAGIC = 'glibc-ld.so.cache1.1';
const [CACHE_HEAD, CACHE_ENTRY] = [48, 24];

/** The paths of all libraries in it, by entries that have their places from the start of the file; undefined where it is no such cache. */
export const librariesIn = (bytes: Buffer): string[] | undefined => {
  if (bytes.length < CACHE_HEAD || bytes.toString('latin1', 0, CACHE_MAGIC.length) !== CACHE_MAGIC) return undefined;
  const found: string[] = [];
  for (let nth = 0; nth < bytes.readUInt32LE(20); nth++) {
    const at = CACHE_HEAD + nth * CACHE_ENTRY;
    if (at + CACHE_ENTRY > bytes.length) return undefined;
    const start = bytes.readUInt32LE(at + 8);
    found.push(bytes.toString('latin1', start, Math.max(start, bytes.indexOf(0, start))));
  }
  return found;
};
