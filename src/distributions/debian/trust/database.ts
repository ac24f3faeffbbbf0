/** dpkg's own database against the signed packages: it is no evidence, so it has to say what they say. */
import { shownPath } from '../../../capture/file-names.ts';
import { parseStanza, parseStanzas, type Stanza } from '../../../formats/packages/deb822.ts';
import type { Judged } from '../../../judgement.ts';
import type { Held } from './expectations.ts';
import { type FindListed, plain } from './listed.ts';

/** What dpkg adds, and what it writes in its own way. */
const ADDED = new Set(['status', 'conffiles', 'config-version']);

/** What the archive's index may say otherwise than the package: dpkg believes the index. */
const OF_INDEX = new Set(['priority', 'section']);

export const STATUS = '/var/lib/dpkg/status';

interface Known {
  readonly listed: FindListed;
  /** The build saw this very file, when it had the indexes at hand. */
  readonly isSeen: boolean;
}

export const databaseFaults = (status: string, held: readonly Held[], { listed, isSeen }: Known): Judged[] => {
  const stanzas = parseStanzas(status);
  const byKey = new Map(stanzas.map((stanza) => [keyOf(stanza), stanza]));
  const found: Judged[] = [];
  for (const [key, same] of Map.groupBy(stanzas, keyOf))
    if (same.length > 1) found.push(fault(`dpkg's database has ${same.length} entries for ${shownPath(key)}`));
  for (const { title, sha256, content } of held) {
    const control = parseStanza(content.control);
    const stanza = byKey.get(keyOf(control));
    if (stanza === undefined) continue;
    const fields = new Set([...control.keys(), ...stanza.keys()].filter((field) => !ADDED.has(field)));
    const differing = [...fields].filter((field) => plain(control.get(field)) !== plain(stanza.get(field)));
    const indexed = listed(control).filter((one) => one.sha256 === sha256);
    const isUnknown = (field: string) => indexed.length === 0 && OF_INDEX.has(field);
    const isListed = (field: string) =>
      OF_INDEX.has(field) && indexed.some(({ fields: said }) => plain(said.get(field)) === plain(stanza.get(field)));
    const wrong = differing.filter((field) => !isListed(field) && !isUnknown(field));
    if (wrong.length > 0)
      found.push(
        fault(`what dpkg's database says of ${title} is not what its signed package says: ${wrong.join(', ')}`),
      );
    else if (differing.some(isUnknown) && !isSeen) found.push(unknown(title, differing));
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

const unknown = (title: string, fields: readonly string[]): Judged => ({
  rule: 'trust/database',
  verdict: 'unjudged',
  message: `dpkg's database has another ${fields.join(' and ')} for ${title} than its package, and no index is at hand that may say so`,
  where: STATUS,
  hint: 'Give the archive’s signed indexes, or the ISO that the system was installed from.',
});

const keyOf = (stanza: Stanza): string => `${stanza.get('package')}:${stanza.get('architecture')}`;
