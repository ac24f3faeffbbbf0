/**
 * What Debian's archive signs for Secure Boot is built by sources of its own (`linux-signed-amd64`), and every feed speaks of the
 * source whose code it is (`linux`). Their versions differ in form, so each family has a rule.
 */
import type { Installed } from './inventory.ts';

export interface SourceAt {
  readonly source: string;
  readonly version: string;
}

interface Rule {
  readonly source: RegExp;
  readonly to: string;
  /** From the package; undefined where its version is not of the form that is known. */
  readonly version: (one: Versions) => string | undefined;
}

type Versions = Pick<Installed, 'version' | 'sourceVersion'>;

const group = (pattern: RegExp, text: string): string | undefined => {
  const [, first, second] = pattern.exec(text) ?? [];
  return first === undefined ? undefined : second === undefined ? first : `${first}-${second}`;
};

const RULES: readonly Rule[] = [
  // 6.1.192+3 is linux 6.1.192-3.
  { source: /^linux-signed-/, to: 'linux', version: ({ sourceVersion }) => group(/^(.+)\+([^+]+)$/, sourceVersion) },
  // 1+2.06+13+deb12u2 is grub2 2.06-13+deb12u2.
  {
    source: /^grub-efi-.+-signed$/,
    to: 'grub2',
    version: ({ sourceVersion }) => group(/^\d+\+([^+]+)\+(.+)$/, sourceVersion),
  },
  // The binary package has both: 1.51~1+deb12u1+16.1-2~deb12u1 is shim 16.1-2~deb12u1.
  { source: /^shim-signed$/, to: 'shim', version: ({ version }) => group(/\+([^+]+-[^+]+)$/, version) },
  // 1:1.4+1 is fwupd-efi 1:1.4-1.
  {
    source: /^fwupd-.+-signed$/,
    to: 'fwupd-efi',
    version: ({ sourceVersion }) => group(/^(.+)\+([^+]+)$/, sourceVersion),
  },
];

/** Source and version under which feeds have a package; a rebuild without changes (`+b5`) is the binary's alone. */
export const feedSource = (one: Pick<Installed, 'source' | 'version' | 'sourceVersion'>): SourceAt => {
  const rule = RULES.find(({ source }) => source.test(one.source));
  const version = rule?.version(one);
  if (rule === undefined || version === undefined)
    return { source: one.source, version: one.sourceVersion.replace(/\+b\d+$/, '') };
  return { source: rule.to, version };
};
