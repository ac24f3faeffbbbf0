/** What to do about damage in an initrd or an image: check where it came from. */
export const IS_IT_WHOLE =
  '`ingot media verify ISO` tells whether the medium is whole; make or download it again if not.';
