/** The packages of a running guest, as dpkg-query(1) lists them. */

export interface Installed {
  readonly name: string;
  readonly version: string;
  /** As the database states it, bytes. */
  readonly size: number;
  /** dpkg removes it only by force. */
  readonly essential: boolean;
}

export type InstalledPackages = ReadonlyMap<string, Installed>;

const FIELDS = ['Package', 'Version', 'db:Status-Status', 'Essential', 'Protected', 'Installed-Size'];

export const INSTALLED_QUERY = `dpkg-query -W -f '${FIELDS.map((field) => `\${${field}}`).join('\\t')}\\n'`;

/** By name; of one that is there for several architectures, the first. */
export const parseInstalled = (text: string): InstalledPackages => {
  const found = new Map<string, Installed>();
  for (const line of text.split('\n')) {
    const [name = '', version = '', status, essential, isProtected, size] = line.split('\t');
    if (name === '' || status !== 'installed' || found.has(name)) continue;
    found.set(name, {
      name,
      version,
      size: Number(size ?? 0) * 1024,
      essential: essential === 'yes' || isProtected === 'yes',
    });
  }
  return found;
};
