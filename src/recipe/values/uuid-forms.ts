/** The forms in which a machine may show its UUID; a host is recognized by any of them. */

/**
 * As it may be shown: SMBIOS before 2.6 did not say in which order the bytes of the first three fields are, and labels,
 * management controllers and Linux do not agree; old kernels write capital letters.
 */
export const uuidForms = (uuid: string): string[] => {
  const swapped = uuid.split('-').map((field, index) => (index < 3 ? byteSwapped(field) : field));
  const both = [uuid, swapped.join('-')];
  return [...new Set([...both, ...both.map((form) => form.toUpperCase())])];
};

const byteSwapped = (hex: string): string => (hex.match(/../g) ?? []).toReversed().join('');
