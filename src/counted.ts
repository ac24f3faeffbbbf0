/** Numbers with the word that they count, as people write them. */

/** `1,717` */
export const count = (number: number): string => number.toLocaleString('en-US');

/** `3 units`, `1 unit` */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;
