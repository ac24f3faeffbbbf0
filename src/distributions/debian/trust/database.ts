/** dpkg's own database against the signed packages: it is no evidence, so it has to say what they say. */
import { shownPath } from '../../../capture/file-names.ts';
import { parseStanza, parseStanzas, type Stanza } from '../../../formats/packages/deb822.ts';
import type { Judged } from '../../../judgement.ts';
import type { Held } from './expectations.ts';

/** What dpkg adds, and what it writes in its own way. */
const ADDED = new Set(['status', 'conffiles', 'config-version']);

const STATUS = '/var/lib/dpkg/status';

export const databaseFaults = (status: string, held: readonly Held[]): Judged[] => {
  const stanzas = parseStanzas(status);
  const byKey = new Map(stanzas.map((stanza) => [keyOf(stanza), stanza]));
  const found: Judged[] = [];
  for (const [key, same] of Map.groupBy(stanzas, keyOf))
    if (same.length > 1) found.push(fault(`dpkg's database has ${same.length} entries for ${shownPath(key)}`));
  for (const { title, content } of held) {
    const control = parseStanza(content.control);
    const stanza = byKey.get(keyOf(control));
    if (stanza === undefined) continue;
    const fields = new Set([...control.keys(), ...stanza.keys()].filter((field) => !ADDED.has(field)));
    const differing = [...fields].filter((field) => plain(control.get(field)) !== plain(stanza.get(field)));
    if (differing.length > 0)
      found.push(
        fault(`what dpkg's database says of ${title} is not what its signed package says: ${differing.join(', ')}`),
      );
  }
  for (const stanza of stanzas) {
    const state = stanza.get('status') ?? '';
    if (!/ok (installed|config-files|not-installed)$/.test(state))
      found.push(fault(`${shownPath(stanza.get('package') ?? 'a package')} is not whole: ${shownPath(state)}`));
  }
  return found;
};

const fault = (message: string): Judged => ({
  rule: 'trust/database',
  verdict: 'fails',
  message,
  where: STATUS,
  hint: 'dpkg writes what the package says; somebody else has written there.',
});

const keyOf = (stanza: Stanza): string => `${stanza.get('package')}:${stanza.get('architecture')}`;
const plain = (value: string | undefined): string => (value ?? '').split(/\s+/).join(' ').trim();
