/** The forms that a bill of materials is written in. */
import type { SbomForm } from '../recipe/schema.ts';
import type { Bill } from './bill.ts';
import { cycloneDx } from './cyclonedx.ts';
import { spdx } from './spdx.ts';

interface Form {
  /** Of the file beside the image. */
  readonly extension: string;
  readonly write: (bill: Bill) => object;
}

const FORMS: Readonly<Record<SbomForm, Form>> = {
  cyclonedx: { extension: 'cdx.json', write: cycloneDx },
  spdx: { extension: 'spdx.json', write: spdx },
};

/** `web.cdx.json` */
export const billName = (form: SbomForm, image: string): string => `${image}.${FORMS[form].extension}`;

export const billText = (form: SbomForm, bill: Bill): string => {
  const text = JSON.stringify(FORMS[form].write(bill), null, 1);
  return `${text}\n`;
};
