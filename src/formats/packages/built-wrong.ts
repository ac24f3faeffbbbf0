/** What to do about a package that nothing can unpack: its digest is the signed one, so it was published like that. */
export const PACKAGE_BUILT_WRONG =
  'It is what its publisher signed. `dpkg-deb --info FILE` shows it; leave it out, or take another version of it.';
