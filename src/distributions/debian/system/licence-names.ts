/**
 * Names of licences in Debian's copyright files (copyright-format 1.0) that mean the same as one of SPDX for certain. `Artistic`,
 * `BSD`, `GPL` without a version and the like are named in many meanings, and stay what they are.
 */
import { spdxId, spdxWith } from '../../../sbom/licence.ts';

/** Exceptions of which SPDX knows one version only. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  libtool: 'Libtool-exception',
  font: 'Font-exception-2.0',
  llvm: 'LLVM-exception',
  classpath: 'Classpath-exception-2.0',
};

export const spdxIdOf = (name: string): string | undefined => {
  const [, base, exception] = /^(\S+) with (?:the )?(.+?)(?: exception)?$/i.exec(name) ?? [];
  if (base === undefined || exception === undefined) return plainId(name);
  const id = plainId(base);
  return id && spdxWith(id, EXCEPTIONS[exception.toLowerCase()] ?? exception);
};

const plainId = (name: string): string | undefined => {
  if (/^expat$/i.test(name)) return 'MIT';
  const [, kind, version = '', plus] = /^(L?GPL|AGPL|GFDL|GFDL-NIV)-(\d+(?:\.\d+)*?)(?:\.0)*(\+?)$/i.exec(name) ?? [];
  if (kind !== undefined) {
    const [base, invariants] = /NIV/i.test(kind) ? ['GFDL', '-no-invariants'] : [kind, ''];
    const dotted = version.includes('.') ? version : `${version}.0`;
    return spdxId(`${base}-${dotted}${invariants}-${plus ? 'or-later' : 'only'}`);
  }
  // What Debian has under this name is the text that Perl took, which SPDX knows by another one.
  if (/^artistic-1/i.test(name)) return undefined;
  // Of versions, a last `.0` makes no difference there.
  return spdxId(name) ?? spdxId(`${name}.0`) ?? spdxId(name.replace(/\.0$/, ''));
};
