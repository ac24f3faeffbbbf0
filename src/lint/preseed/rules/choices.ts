/** Whether a value is among the choices of its question. */

import { splitChoices } from '../../../formats/packages/debconf-templates.ts';
import type { Answer } from '../../../formats/preseed.ts';
import { own } from '../../../own.ts';
import { suggest } from '../../../suggest.ts';
import type { Rule } from '../../rule.ts';
import { type Check, type FindingReport, hasPlaceholder, isReadable, meant, shownValue, valued } from '../check.ts';
import { type Template, templateOf } from '../templates.ts';

const choice: Rule = {
  name: 'preseed/unknown-choice',
  severity: 'warning',
  summary: "The value is none of the question's choices: it is passed over, or written down and wrong.",
  source: 'Choices of the templates of the release or of the ISO',
  bad: 'd-i pkgsel/upgrade select full\n',
  good: 'd-i pkgsel/upgrade select full-upgrade\n',
};

export const choices: Check = {
  rules: [choice],
  look(file, report, { templates }) {
    for (const answer of valued(file)) {
      const template = templateOf(templates, answer.question.text);
      if (!template?.choices || !/select$/.test(template.type)) continue;
      if (!isReadable(answer) || hasPlaceholder(answer.value.text)) continue;
      if (template.name === 'keyboard-configuration/xkb-keymap') checkKeymap(answer, template.choices, report);
      else checkChoices(answer, template, template.choices, report);
    }
  },
};

const checkChoices = (answer: Answer, template: Template, choices: readonly string[], report: FindingReport): void => {
  const value = meant(answer.value.text);
  if (value === '') return;
  const several = template.type === 'multiselect';
  for (const word of several ? splitChoices(value) : [value]) {
    if (choices.includes(word)) continue;
    const offset = Math.max(0, answer.value.text.indexOf(word));
    const near = suggest(word, choices) ?? choices.find((one) => one.startsWith(word));
    report(choice, answer.placeInValue(offset, word.length), `${shownValue(word)} is no choice of ${template.name}`, {
      hint: near === undefined ? `One of ${listed(choices)}.` : `Did you mean ${near}?`,
      replacement: near,
      // What is not among several choices is passed over; other releases had other ones.
      severity: several && near === undefined && !/\s/.test(word) ? 'info' : undefined,
    });
  }
};

const listed = (choices: readonly string[]): string =>
  choices.length > 12 ? `${choices.slice(0, 12).join(', ')}, …` : choices.join(', ');

/** A layout, or `layout(variant)`; the list of the dialog has the usual ones only. */
const checkKeymap = (answer: Answer, choices: readonly string[], report: FindingReport): void => {
  const value = meant(answer.value.text);
  if (value === '' || choices.includes(value)) return;
  const [, layout] = /^([a-z]{2,5})(?:\([\w-]+\))?$/.exec(value) ?? [];
  const layouts = [...new Set(choices.map((one) => one.replace(/\(.*/, '')))];
  if (layout !== undefined && (layouts.includes(layout) || OTHER_LAYOUTS.includes(layout))) return;
  const near = own(KEYMAPS, value.toLowerCase()) ?? suggest(value, layouts);
  report(choice, answer.placeInValue(0, value.length), `${shownValue(value)} is no keymap`, {
    hint:
      near === undefined
        ? 'A layout such as us, de or gb, or a layout and its variant: us(intl).'
        : `Did you mean ${near}?`,
    replacement: near,
  });
};

const KEYMAPS: Readonly<Record<string, string>> = { uk: 'gb', en: 'us', german: 'de', french: 'fr', en_us: 'us' };

/** In xkeyboard-config and not in the dialog. */
const OTHER_LAYOUTS = [
  'af',
  'am',
  'au',
  'az',
  'bw',
  'cd',
  'cm',
  'custom',
  'eu',
  'fo',
  'gh',
  'gn',
  'id',
  'ke',
  'mao',
  'md',
  'me',
  'ml',
  'mt',
  'mv',
  'my',
  'ng',
  'nz',
  'sn',
  'sy',
  'tg',
  'tm',
  'tw',
  'tz',
  'uz',
  'za',
  'latam',
  'rs',
  'ua',
];
