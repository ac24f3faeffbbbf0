/**
 * The forms in which a secret turns up in logs and on disks: as it is, line by line, inside JSON and URLs, in hex, and
 * in base64 of something that contains it. Compressed or encrypted data does not show it.
 */

export interface SecretForm {
  /** In words, for a message: `in base64`; empty for the secret as it is. */
  readonly how: string;
  readonly text: string;
}

/** A line of a longer secret; a shorter one would be found everywhere. Characters. */
const SHORTEST_LINE = 8;
/** So many letters of base64, or digits of hex, that no other text has them by chance. */
const [SHORTEST_BASE64, SHORTEST_HEX] = [8, 12];

/** Each once, the longest first. */
export const secretForms = (value: string): SecretForm[] => {
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= SHORTEST_LINE);
  const whole = [value, value.trim()];
  const plain = [...whole, ...lines];
  const forms = [
    ...plain.map((text) => ({ how: '', text })),
    ...plain.map((text) => ({ how: 'in JSON', text: JSON.stringify(text).slice(1, -1) })),
    ...whole.flatMap(inBase64),
    ...whole.flatMap(inHex),
    ...plain.flatMap(inUrl),
  ];
  const known = new Map<string, SecretForm>();
  for (const form of forms) if (!known.has(form.text)) known.set(form.text, form);
  return [...known.values()].sort((one, other) => other.text.length - one.text.length);
};

/** RFC 4648, both alphabets: the whole, and the letters that are the same whatever stands before and after. */
const inBase64 = (text: string): SecretForm[] => {
  const bytes = Buffer.from(text);
  const parts = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [bytes.toString('base64'), ...parts.filter((part) => part.length >= SHORTEST_BASE64)].flatMap((part) =>
    [part, part.replaceAll('+', '-').replaceAll('/', '_')].map((form) => ({ how: 'in base64', text: form })),
  );
};

const inHex = (text: string): SecretForm[] => {
  const hex = Buffer.from(text).toString('hex');
  return hex.length < SHORTEST_HEX ? [] : [hex, hex.toUpperCase()].map((form) => ({ how: 'in hex', text: form }));
};

/** RFC 3986 and the form of HTML: which characters are encoded differs from one program to the next. */
const inUrl = (text: string): SecretForm[] => {
  const encode = (kept: RegExp) =>
    Array.from(Buffer.from(text).toString('latin1'), (character) =>
      kept.test(character) ? character : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    ).join('');
  const forms = [encode(/[\w.~-]/), encode(/[\w.~!*'()-]/), encode(/[\w.~/-]/), encode(/[\w.~!$&'()*+,;=:@/-]/)];
  const spaced = forms.map((form) => form.replaceAll('%20', '+'));
  return [...forms, ...spaced]
    .flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())])
    .filter((form) => form !== text)
    .map((form) => ({ how: 'in a URL', text: form }));
};
