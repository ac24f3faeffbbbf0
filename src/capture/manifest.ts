/** manifest.json: what an image is, what it was made from and with. */
import type { Verdict } from '../judgement.ts';
import type { InstalledPackage } from './installed-packages.ts';

export interface ManifestImage {
  readonly file: string;
  /** The image that it is a layer over: the file name that it looks for, in the same folder, and its digest. */
  readonly over?: { readonly file: string; readonly sha256: string };
  readonly format: string;
  /** Bytes a guest sees. */
  readonly virtualSize: number;
  /** Bytes of the file. */
  readonly size: number;
  readonly sha256: string;
}

export interface ManifestOrigin {
  readonly kind: 'iso' | 'assembled' | 'image';
  /** Where it came from, as the recipe has it. */
  readonly source: string;
  /** The ISO that was remastered; the image as it was published. */
  readonly sha256: string;
  /** What the publisher's sums said of the ISO, where the recipe names them; `sums-only`: nobody signed them. */
  readonly proof?: {
    readonly file: string;
    readonly sha256?: string;
    readonly sha512?: string;
    readonly signedBy?: { readonly fingerprint: string; readonly date: string };
    readonly level: 'signed' | 'sums-only';
  };
  /** Suites of an assembled medium with the digest of their signed index. */
  readonly suites?: readonly { readonly name: string; readonly inRelease: string }[];
  /** What was proved of all that the build started from. */
  readonly chain?: readonly ManifestProof[];
}

/** Who signed what; `none` where nobody did. */
export interface ManifestProof {
  /** An ISO, an image, a suite, a repository, a package. */
  readonly of: string;
  /** Whole fingerprints. */
  readonly signedBy: readonly string[];
  /** When it was signed, or made: ISO 8601, UTC. */
  readonly date?: string;
  /** What the signature, or the digest, is over. */
  readonly covers: string;
  readonly none?:
    | 'pinned by digest only'
    | 'sums that nobody signed'
    | 'taken as it was on this host'
    | 'made from another recipe';
}

export interface ManifestMedium {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  /** Where its installer gets the answers from, and the copy without password hashes: paths in the initrd and on it. */
  readonly answers: { readonly in: 'initrd'; readonly file: string; readonly copy: string };
  /** What the recipe put on it or took from it besides answers and menus: paths of files and folders. */
  readonly files?: readonly string[];
  readonly removed?: readonly string[];
  readonly volumeId?: string;
  /** What was added to its packages, each with where it came from. */
  readonly packages?: readonly {
    readonly name: string;
    readonly version: string;
    readonly arch: string;
    readonly sha256: string;
    readonly source: string;
  }[];
  /** `key` says whose it is: the recipe's, or one made of the packages' own digests. */
  readonly packagesSignedBy?: { readonly fingerprint: string; readonly key: string };
}

export interface Manifest {
  readonly manifestVersion: 1;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly os: { readonly family: string; readonly release: string; readonly arch: string };
  readonly recipe: { readonly file: string; readonly digest: string };
  /** The lock that the build kept to: the name of its file, which lies beside the recipe or in a bundle, and its digest. */
  readonly lock?: { readonly file: string; readonly sha256: string };
  readonly origin: ManifestOrigin;
  /** Debian's own components of the installer on an assembled medium, and what the recipe says of stand-ins. */
  readonly installer?: {
    readonly standIns: string;
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  /** Components of Ingot that took the place of the installer's, with what each does. */
  readonly standIns: readonly { readonly name: string; readonly for: string }[];
  readonly tools: Readonly<Record<string, string>>;
  readonly images: readonly ManifestImage[];
  readonly medium?: ManifestMedium;
  /** What its tests said, where the recipe has any; tests.json has each result. */
  readonly tests?: { readonly verdict: Verdict; readonly results: number; readonly sha256: string };
  /** What accounts for its files, and how many are of each class; trust.json has each of them but those that are verified or could not be judged. */
  readonly trust?: { readonly verdict: Verdict; readonly files: Readonly<Record<string, number>> };
  /** Bills of materials beside the images. */
  readonly sbom?: readonly { readonly file: string; readonly format: string; readonly sha256: string }[];
  readonly seal: { readonly operations: readonly string[]; readonly skipped: readonly string[] };
  /** Milliseconds; a stage that came from the store says so, and took none. */
  readonly stages: readonly { readonly name: string; readonly duration?: number; readonly cached: boolean }[];
  readonly packages: readonly InstalledPackage[];
}

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;
