/** %addon: names that the installer silently passes over, options, and keys of those that are known here. */
import { editDistance } from '../../../suggest.ts';
import { shown, type Tell } from '../findings.ts';
import type { Section } from '../kickstart-document.ts';
import { type AddonFacts, addonFactsOf, kickstartTable } from '../table.ts';
import type { Word } from '../words.ts';
import { checkWords, type WordsPlace } from './commands.ts';

export const checkAddon = (
  { words: [addon, ...words], body, line }: Section,
  isWhole: boolean,
  place: WordsPlace,
): void => {
  const { tell } = place;
  if (!addon) {
    tell('arguments', line, place.at, '%addon needs the name of an add-on');
    return;
  }
  const facts = addonFactsOf(addon.text);
  if (!facts) tellUnknown(addon, place);
  else {
    checkWords(words, facts, { ...place, of: addon.text });
    if (facts.keys) checkKeys(addon, body, facts.keys, isWhole, tell);
  }
};

/** Anybody can write an add-on: only what looks like a known one is told. */
const tellUnknown = (addon: Word, { line, tell }: WordsPlace): void => {
  // After the two parts of the vendor's domain.
  const lastPart = (name: string): string => name.split('_').slice(2).join('_');
  const near = Object.keys(kickstartTable().addons).find(
    (name) => editDistance(addon.text.toLowerCase(), name) <= 3 || lastPart(addon.text) === lastPart(name),
  );
  if (near !== undefined)
    tell('addon', line, addon, `no add-on is called ${shown(addon.text)}: the section is passed over`, {
      hint: `Did you mean \`${near}\`?`,
      replacement: near,
    });
};

/** `key = value`, one a line; the add-on stops the installer at any other. */
const checkKeys = (
  addon: Word,
  body: Section['body'],
  keys: NonNullable<AddonFacts['keys']>,
  isWhole: boolean,
  tell: Tell,
): void => {
  const [first] = body;
  const there = new Map<string, string>();
  for (const line of body) {
    const text = line.text.trim();
    if (text === '' || text.startsWith('#')) continue;
    const [, key = '', , value = ''] = /^([^=\s]+)\s*(=\s*(.*))?$/.exec(text) ?? [];
    const column = line.text.indexOf(key) + 1;
    const spot = { column, endColumn: column + key.length };
    there.set(key, value.replace(/^(["'])(.*)\1$/, '$2'));
    if (!Object.hasOwn(keys, key)) {
      const near = tell.near(key, Object.keys(keys));
      tell('addon', line, key === '' ? 1 : spot, `${addon.text} has no key ${shown(key === '' ? text : key)}`, {
        hint: near === undefined ? `One of ${Object.keys(keys).join(', ')}.` : `Did you mean \`${near}\`?`,
        replacement: near,
      });
    } else if (!text.includes('=')) tell('addon', line, spot, `${key} has no value: write ${key} = VALUE`);
    else {
      const { choices } = keys[key] ?? {};
      const given = there.get(key) ?? '';
      if (choices && !choices.includes(given.toLowerCase()))
        tell('addon', line, spot, `${key} expects one of ${choices.join(', ')}, not ${shown(given)}`);
    }
  }
  if (!isWhole || !first) return;
  for (const [key, { required, unless = [] }] of Object.entries(keys))
    if (required && !there.has(key) && !unless.includes(there.get('content-type')?.toLowerCase() ?? ''))
      tell('addon', first, 1, `${addon.text} needs ${key}`, { severity: 'warning' });
};
