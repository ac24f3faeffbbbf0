/** The questions of the installer on a medium: of the components in its initrd. */

import { readCpio } from '../formats/archives/cpio-reader.ts';
import type { Pieces } from '../formats/byte-source.ts';
import { mediumFilePieces, mediumSizeOf, readMedium } from '../media/iso/medium.ts';
import { type DialogQuestion, questionsOf } from './asked-question.ts';

const isTemplates = (path: string): boolean => /^var\/lib\/dpkg\/info\/[^/]+\.templates$/.test(path);

export const questionsOfInitrd = async (initrd: Pieces): Promise<DialogQuestion[]> => {
  const questions: DialogQuestion[] = [];
  for await (const entry of readCpio(initrd, isTemplates))
    if (entry.type === 'file' && entry.content) questions.push(...questionsOf(Buffer.from(entry.content).toString()));
  return questions;
};

/** Of the largest initrd: the others are for rescue, for a graphical front end, or Ingot's own. */
export const questionsOfMedium = async (iso: string, signal?: AbortSignal): Promise<DialogQuestion[]> => {
  const medium = await readMedium(iso, signal);
  const initrds = [...medium.files].filter(([path]) => /\/initrd(?:\.gz|\.xz|\.img)?$/.test(path));
  const [largest] = initrds.sort(([, one], [, other]) => mediumSizeOf(other) - mediumSizeOf(one));
  return largest ? await questionsOfInitrd(mediumFilePieces(medium, largest[0], signal)) : [];
};
