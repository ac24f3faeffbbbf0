/** The package sources of an installed system, in both formats of sources.list(5). */
export interface AptSource {
  readonly file: string;
  readonly format: 'deb822' | 'one-line';
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Keyring or embedded key, undefined when the source names none. */
  readonly signedBy: string | undefined;
  readonly trusted: boolean;
}

/** deb822 stanzas; those with `Enabled: no` are left out. */
export const parseDeb822Sources = (text: string, file: string): AptSource[] =>
  text
    .replaceAll(/^#.*\n/gm, '')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const field = (name: string) => new RegExp(`^${name}:[ \\t]*((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1];
      const words = (name: string) => (field(name) ?? '').split(/\s+/).filter(Boolean);
      if (words('URIs').length === 0 || /^(no|false|0)$/i.test(field('Enabled') ?? '')) return [];
      return [
        {
          file,
          format: 'deb822' as const,
          types: words('Types'),
          uris: words('URIs'),
          suites: words('Suites'),
          components: words('Components'),
          signedBy: field('Signed-By')?.trim(),
          trusted: /^(yes|true|1)$/i.test(field('Trusted') ?? ''),
        },
      ];
    });

export const parseOneLineSources = (text: string, file: string): AptSource[] =>
  text.split('\n').flatMap((line) => {
    const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?((?:cdrom:\[[^\]]*\]\S*)|\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    const [, type, options = '', uri, suite, components = ''] = match ?? [];
    if (type === undefined || uri === undefined || suite === undefined) return [];
    return [
      {
        file,
        format: 'one-line' as const,
        types: [type],
        uris: [uri],
        suites: [suite],
        components: components.split(/\s+/).filter(Boolean),
        signedBy: /signed-by=(\S+)/.exec(options)?.[1],
        trusted: /trusted=yes/.test(options),
      },
    ];
  });
