/** What to do about damage in an initrd or an image: what it came from is to be looked at. */
export const IS_IT_WHOLE =
  '`ingot media verify ISO` tells whether the medium is whole; make or download it again if not.';
