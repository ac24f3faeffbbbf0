import type { BuildKey } from './key.ts';

/** What would betray the private key in a disk: each line of its base64 body that is not the same in every key. */
export const keyTraces = (key: BuildKey): string[] => {
  const body = key.privateKey.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  // The first line holds the format's constant header and the start of the public key.
  return body.slice(1).filter((line) => line.length >= 16);
};
