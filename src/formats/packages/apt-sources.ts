/** apt's package sources in both formats of sources.list(5), as apt itself takes them: of this host, or of a guest. */
import { parseStanzas, renderStanza, words } from './deb822.ts';

export interface AptSource {
  readonly format: 'deb822' | 'one-line';
  /** `deb`, `deb-src` */
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Key files, a fingerprint, or an armored key itself, as written; undefined when the source names none. */
  readonly signedBy: string | undefined;
  /** Taken without a signature. */
  readonly trusted: boolean;
}

/** A source for binary packages, as a stanza. `components` are left out for a suite that is a folder, `./`. */
export const sourceStanza = (source: {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components?: readonly string[] | undefined;
  readonly architectures?: string;
  readonly signedBy?: string;
  readonly trusted?: true;
}): string =>
  renderStanza({
    Types: 'deb',
    URIs: source.uris.join(' '),
    Suites: source.suites.join(' '),
    Components: source.components?.join(' '),
    Architectures: source.architectures,
    'Signed-By': source.signedBy,
    Trusted: source.trusted && 'yes',
  });

/** What apt reads as yes and as no (its StringToBool); anything else is neither. */
const YES = /^(1|yes|true|with|on|enable)$/i;
const NO = /^(0|no|false|without|off|disable)$/i;

/** Stanzas; those that are not enabled are left out. */
export const parseDeb822Sources = (text: string): AptSource[] =>
  parseStanzas(text)
    .filter((stanza) => stanza.has('uris') && !NO.test(stanza.get('enabled') ?? ''))
    .map((stanza) => ({
      format: 'deb822',
      types: words(stanza.get('types')),
      uris: words(stanza.get('uris')),
      suites: words(stanza.get('suites')),
      components: words(stanza.get('components')),
      signedBy: stanza.get('signed-by')?.trim() || undefined,
      trusted: YES.test(stanza.get('trusted') ?? ''),
    }));

/** The address of a CD has its name in brackets, blanks and all. */
const ONE_LINE = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(cdrom:\[[^\]]*\]\S*|\S+)\s+(\S+)\s*([^#]*)/;

/** `deb [ option=value … ] URI SUITE COMPONENT…` */
export const parseOneLineSources = (text: string): AptSource[] =>
  text.split('\n').flatMap((line) => {
    const [, type, options, uri, suite, components] = ONE_LINE.exec(line) ?? [];
    if (type === undefined || uri === undefined || suite === undefined) return [];
    const option = new Map(words(options).map((word) => splitAt(word, '=')));
    return [
      {
        format: 'one-line' as const,
        types: [type],
        uris: [uri],
        suites: [suite],
        components: words(components),
        signedBy: option.get('signed-by') || undefined,
        trusted: YES.test(option.get('trusted') ?? ''),
      },
    ];
  });

const splitAt = (word: string, sign: string): readonly [string, string] => {
  const at = word.indexOf(sign);
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
};
