/** The questions of the installer on a medium: of the components in its initrd. */
import { readCpio } from '../media/initrd/cpio-reader.ts';
import { readMedium, readMediumFile, sizeOf } from '../media/iso/medium.ts';
import { type Question, questionsOf } from './asked-question.ts';

const TEMPLATES = /^var\/lib\/dpkg\/info\/[^/]+\.templates$/;

export const questionsOfInitrd = (initrd: Uint8Array): Question[] =>
  readCpio(initrd).flatMap((entry) =>
    entry.type === 'file' && TEMPLATES.test(entry.path) ? questionsOf(textOf(entry.content)) : [],
  );

const textOf = (content: Uint8Array | string): string =>
  typeof content === 'string' ? content : Buffer.from(content).toString('utf8');

/** Of the largest initrd: the others are for rescue, for a graphical front end, or Ingot's own. */
export const questionsOfMedium = async (iso: string, signal?: AbortSignal): Promise<Question[]> => {
  const medium = await readMedium(iso, signal);
  const initrds = [...medium.files].filter(([path]) => /\/initrd(?:\.gz|\.img)?$/.test(path));
  const [largest] = initrds.sort(([, one], [, other]) => sizeOf(other) - sizeOf(one));
  return largest ? questionsOfInitrd(await readMediumFile(medium, largest[0])) : [];
};
