/**
 * Package URLs (ECMA-427): the name by which bills of materials and advisories know a package, written and read. The builders at
 * hand leave `+` as it is, which others read as a blank.
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

/** One that was read: from elsewhere, and of any form. */
export interface Purl {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/** Undefined for what is none. */
export const parsePurl = (text: string): Purl | undefined => {
  if (text.length > 4096 || !text.startsWith('pkg:')) return undefined;
  const [beforeSubpath = ''] = text.slice(4).split('#');
  const [path = '', query = ''] = splitOnce(beforeSubpath, '?');
  const at = path.lastIndexOf('@');
  const isVersioned = at > path.lastIndexOf('/');
  const parts = (isVersioned ? path.slice(0, at) : path)
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const [type = '', ...names] = parts;
  const name = names.at(-1);
  if (!/^[a-z][a-z0-9.-]*$/i.test(type) || name === undefined || name === '') return undefined;
  return {
    type: type.toLowerCase(),
    namespace: names.slice(0, -1).join('/'),
    name,
    version: isVersioned ? decoded(path.slice(at + 1)) || undefined : undefined,
    qualifiers: new Map(
      query.split('&').flatMap((pair) => {
        const [key, value] = splitOnce(pair, '=');
        return key === '' || value === undefined ? [] : [[key.toLowerCase(), decoded(value)] as const];
      }),
    ),
  };
};

const splitOnce = (text: string, sign: string): [string, string | undefined] => {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + sign.length)];
};

/** A wrong escape stays as it is written. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** As versions of the type are compared: rpm's epoch stands in a qualifier. */
export const versionOfPurl = ({ version, qualifiers, type }: Purl): string | undefined => {
  const epoch = qualifiers.get('epoch');
  if (version === undefined || type !== 'rpm' || epoch === undefined || epoch === '0' || version.includes(':'))
    return version;
  return `${epoch}:${version}`;
};
