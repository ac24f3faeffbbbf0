/**
 * The secrets that answers hold: read from what was rendered, so that a template of the user's counts as well.
 * Files that have them are readable by their owner alone, and the output says so.
 */

interface Kind {
  readonly what: string;
  readonly pattern: RegExp;
}

/** crypt(5); debconf's questions and kickstart's options; what cloud-init and AutoYaST call it. */
const KINDS: readonly Kind[] = [
  { what: 'password hashes', pattern: /\$(?:y|gy|7|2[abxy]|5|6|1|sha1|md5)\$[./A-Za-z0-9$,=]{8,}/ },
  {
    what: 'the passphrase of its disks',
    pattern:
      /^\s*\S+\s+partman-crypto\/passphrase\S*\s+\S+\s+\S|--passphrase[= ]\s*\S|\bcrypt_key\b|\bpassphrase\s*:\s*\S/m,
  },
  {
    what: 'passwords',
    pattern:
      /^\s*\S+\s+passwd\/(?:root|user)-password\s+\S+\s+\S|^\s*(?:rootpw|sshpw|user)\s(?!.*--(?:iscrypted|lock))(?:.*--plaintext|.*--password=|(?:.*\s)?(?<=rootpw\s.*)(?<=\s)[^-\s])|\bplain_text_passwd\s*:/m,
  },
];

/** In words, for `It holds …`; empty when there is nothing. */
export const heldBy = (texts: readonly string[]): string[] =>
  KINDS.filter(({ pattern }) => texts.some((text) => pattern.test(text))).map(({ what }) => what);
