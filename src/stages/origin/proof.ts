/** What proves an origin's file, for the stages that obtain one: its part of their keys, and the digest that results. */
import { sha256File } from '../../host/files.ts';
import { obtainProof, type SumsOptions } from '../../origin/obtain-sums.ts';
import type { SumsProof } from '../../origin/sums.ts';
import type { Json } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { Proof, Sums } from '../../recipe/schema/sums-schema.ts';
import { fingerprintsOf } from '../../recipe/schema/vendor-keys.ts';

/**
 * A digest says all. For sums on a server only the address counts: they are fetched once, and again with `--refresh`; `name` is
 * the name that is looked for in them.
 */
export const proofKey = async (
  { sha256, sha512, sums }: Proof,
  name: string,
  folder: string,
): Promise<{ readonly [name: string]: Json }> => ({
  ...(sha256 === undefined ? {} : { sha256 }),
  ...(sha512 === undefined ? {} : { sha512 }),
  ...(sums === undefined ? {} : { sums: await sumsKey(sums, folder), file: name }),
});

const sumsKey = async ({ signature, key, keyring, ...sums }: Sums, folder: string): Promise<Json> => {
  const source = async ({ url, file }: Pick<Sums, 'url' | 'file'>): Promise<Json> =>
    url ?? { sha256: await sha256File(hostFile(folder, file ?? '')) };
  return {
    sums: await source(sums),
    ...(signature === undefined ? {} : { signature: await source(signature) }),
    ...(key === undefined ? {} : { key: fingerprintsOf(key).join() }),
    ...(keyring === undefined ? {} : { keyring: await sha256File(hostFile(folder, keyring)) }),
  };
};

export interface Proven extends Pick<Proof, 'sha256' | 'sha512'> {
  /** Where sums gave the digest. */
  readonly proof?: SumsProof;
}

/** The digest that the file has to have. */
export const provenDigest = async (proof: Proof, name: string, options: SumsOptions): Promise<Proven> => {
  const { sums, sha256, sha512 } = proof;
  if (sums === undefined) return { sha256, sha512 };
  const found = await obtainProof(name, sums, options);
  const by = found.signedBy === undefined ? 'by sums without a signature' : `signed by ${found.signedBy.fingerprint}`;
  options.reporter.note(`${name} is known ${by}`);
  return { sha256: found.sha256, sha512: found.sha512, proof: found };
};
