/**
 * Package URLs (ECMA-427): the name by which bills of materials and advisories know a package. The builders at hand leave `+` as it
 * is, which others read as a blank.
 */
export interface PackageUrl {
  /** `deb`, `rpm`, … */
  readonly type: string;
  /** The distribution that a package is of. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  /** Those without a value are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
}

export const purl = ({ type, namespace, name, version, qualifiers = {} }: PackageUrl): string => {
  const path = [...(namespace?.split('/') ?? []), name].filter((part) => part !== '').map(encoded);
  const said = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value ? [`${key.toLowerCase()}=${encoded(value)}`] : []))
    .sort();
  return [
    `pkg:${type}/${path.join('/')}`,
    ...(version ? [`@${encoded(version)}`] : []),
    ...(said.length > 0 ? [`?${said.join('&')}`] : []),
  ].join('');
};

/** All but letters, digits and `.-_~`; a colon stays, as the specification wants it. */
const encoded = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
