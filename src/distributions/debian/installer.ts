/** How debian-installer is watched, and the names of its stops. */
import { answerLine, askedQuestion } from '../../diagnosis/asked-question.ts';
import { INSTALLATION } from '../../diagnosis/catalogue/catalogue.ts';
import { questionsOfMedium } from '../../diagnosis/medium-questions.ts';
import type { Installer } from '../distribution.ts';
import { DEBIAN_INSTALLER_PHASES } from './installer-phases.ts';

export const INSTALLER: Installer = {
  phases: DEBIAN_INSTALLER_PHASES,
  causes: INSTALLATION,
  /** Templates of the medium's initrd are read only when it waits: that takes seconds, and hardly any installation needs it. */
  questionOn: async (screen, iso, signal) => {
    const question = askedQuestion(screen, await questionsOfMedium(iso, signal));
    return question && { ...question, answer: answerLine(question) };
  },
};
