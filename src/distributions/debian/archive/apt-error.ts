/** What apt says when it fails, as a named error with the next thing to try. */
import { IngotError } from '../../../errors.ts';
import { lastLines } from '../../../host/lines.ts';

interface Meaning {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export const NOT_ON_MIRROR =
  'origin.mirror is the folder above dists/ and pool/; a partial mirror must have this release, its updates and its security suite. Packages that were resolved some time ago may be gone: --refresh looks again.';

const MEANINGS: readonly Meaning[] = [
  {
    pattern: /No space left on device|not enough free space|don't have enough free space/i,
    code: 'host.no-space',
    message: 'no space left while packages were fetched',
    hint: 'Free some space, or put the store elsewhere with --store.',
  },
  {
    // A login page of a proxy, or what a server says of itself, under the name of the index.
    pattern: /NOSPLIT|\bNODATA\b|does the network require authentication/i,
    code: 'origin.not-an-archive',
    message: 'what came under the name of the index is not a signed index',
    hint: 'A proxy or a server that gives a page of its own for every address: open origin.mirror with a browser, and check http_proxy.',
  },
  {
    // apt says as well that the archive is not signed, since it got no index.
    pattern: / {2}(401|403|451) {2}/,
    code: 'origin.mirror-refused',
    message: 'the mirror refuses to serve this',
    hint: "Does it ask for a login (machine lines in the host's /etc/apt/auth.conf), or serve some networks alone? Is origin.mirror the folder above dists/?",
  },
  {
    pattern: / {2}(408|425|429|5\d\d) {2}/,
    code: 'origin.mirror-failed',
    message: 'the mirror answers that it cannot serve this now',
    hint: 'That is a fault on its side: try again later, or another mirror (origin.mirror).',
  },
  {
    pattern:
      /GPG error|NO_PUBKEY|BADSIG|EXPKEYSIG|is not signed|signatures? (couldn't|could not) be verified|not a clearsigned|Clearsigned file isn't valid/i,
    code: 'origin.bad-signature',
    message: "the archive's signature is not valid",
    hint: 'Check origin.mirror, and that origin.keyring holds the key that signs this archive.',
  },
  {
    pattern: /Hash Sum mismatch|Hashes of (expected|received) file|has unexpected size/i,
    code: 'origin.digest-mismatch',
    message: 'the mirror gave a file that is not what its signed index says',
    hint: 'The mirror is being updated, or a proxy keeps old files: try again later, or another mirror.',
  },
  {
    pattern: /Release file for .* (is expired|is not valid yet)/i,
    code: 'origin.index-expired',
    message: "the archive's index is too old or from the future",
    hint: 'Check the host\'s clock; for an archive that is frozen on purpose set Acquire::Check-Valid-Until "false" in the host\'s apt.conf.',
  },
  {
    pattern:
      /Could not resolve|Temporary failure|Could not connect|Unable to connect|Connection (failed|refused|timed out)|Network is unreachable|Cannot initiate the connection|Certificate verification failed|Could not handshake|timed out|Remote end closed connection|Connection reset|Broken pipe|407|proxy/i,
    code: 'origin.mirror-unreachable',
    message: 'the mirror cannot be reached',
    hint: "Check the network, the proxy (http_proxy, or Acquire::http::Proxy in the host's apt.conf) and origin.mirror.",
  },
  {
    pattern: /404 +Not Found|does not have a Release file|File not found|no Release file/i,
    code: 'origin.not-on-mirror',
    message: 'the mirror does not have what was asked for',
    hint: NOT_ON_MIRROR,
  },
];

/** `output` is all that apt wrote. `where` names the mirror or the file concerned. */
export const aptError = (output: string, what: string, where?: string): IngotError => {
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(output));
  const said = output.split('\n').filter((line) => /^[EWN]: |^Err:|^ {2}/.test(line));
  return new IngotError(meaning?.code ?? 'origin.apt-failed', meaning?.message ?? `apt could not ${what}`, {
    where,
    detail: lastLines(said.length > 0 ? said.join('\n') : output, 14),
    hint: meaning?.hint ?? 'What apt said is above. Does the mirror have this release (origin.mirror, os.release)?',
  });
};
