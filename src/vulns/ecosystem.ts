/** Whether an ecosystem of OSV ("Defined ecosystems") is the image's own system. */
import type { SystemId } from './inventory.ts';

const major = (version: string): string => version.split('.')[0] ?? '';
const minor = (version: string): string => version.split('.').slice(0, 2).join('.');

/**
 * Exactly the release: `Debian` alone, or another release, would be another set of versions. Ubuntu's `:LTS` is part of the name, and
 * `Ubuntu:Pro:` speaks of packages that only subscribers get.
 */
export const isEcosystemOf = ({ id, version, cpe }: SystemId): ((ecosystem: string) => boolean) => {
  const names: Readonly<Record<string, readonly string[]>> = {
    debian: [`Debian:${major(version)}`],
    ubuntu: [`Ubuntu:${version}`, `Ubuntu:${version}:LTS`],
    alpine: [`Alpine:v${minor(version)}`],
    almalinux: [`AlmaLinux:${major(version)}`],
    rocky: [`Rocky Linux:${major(version)}`],
    wolfi: ['Wolfi'],
    chainguard: ['Chainguard'],
  };
  const own = Object.hasOwn(names, id) ? names[id] : undefined;
  if (own !== undefined) return (ecosystem) => own.includes(ecosystem);
  if (id === 'rhel')
    return (ecosystem) => ecosystem.startsWith('Red Hat:') && isProductOf(cpe, version)(ecosystem.slice(8));
  return () => false;
};

/**
 * Whether a product, as a CPE 2.2 (`cpe:/a:redhat:enterprise_linux:9::appstream`) with or without what it begins with, is the
 * system's own major release. Streams with longer support (`rhel_eus:9.2`) are products of their own.
 */
export const isProductOf = (cpe: string | undefined, version: string): ((product: string) => boolean) => {
  const [, own = 'enterprise_linux'] = /^cpe:(?:2\.3:[oa]:|\/[oa]:)redhat:([^:]+)/.exec(cpe ?? '') ?? [];
  return (product) => {
    const [, name, release] = /^(?:cpe:\/[oa]:redhat:)?([^:]+)(?::([^:]*))?/.exec(product) ?? [];
    return (
      name === own &&
      (release === undefined || release === '' || release === major(version) || release === minor(version))
    );
  };
};
