/** What apt of the image believes: sources whose packages a key of the archive has signed, and no word that takes others. */
import { parseDeb822Sources, parseOneLineSources } from '../../../formats/packages/apt-sources.ts';
import type { Check } from './checks.ts';
import type { DebianFacts } from './facts.ts';

/** apt believes nothing that the archive's keys did not sign, whatever address it comes from. */
export const sources: Check = async ({ path }, facts) => {
  const stanzas = (await facts.text(path)).split(/\n\s*\n/).filter((stanza) => /^\w/m.test(stanza));
  for (const stanza of stanzas) {
    const fields = new Map(
      Array.from(stanza.matchAll(/^([\w-]+):\s*(.*)$/gm), ([, name = '', value = '']) => [name.toLowerCase(), value]),
    );
    const [signedBy = '', trusted] = [fields.get('signed-by'), fields.get('trusted')];
    if (trusted !== undefined) return 'it trusts what nobody signed';
    const isKnown = facts.isVerified(signedBy) || facts.said?.texts.some((text) => text.includes(stanza.trim()));
    if (!isKnown) return `no package vouches for its key ${signedBy}`;
  }
  return undefined;
};

/** The same of sources in either format; where one names no key, apt believes those of trusted.gpg.d. */
export const foreignSources: Check = async ({ path }, facts) => {
  const text = await facts.text(path);
  const sources = path.endsWith('.sources') ? parseDeb822Sources(text) : parseOneLineSources(text);
  if (TAKES_UNSIGNED.test(text) || sources.some(({ trusted }) => trusted)) return 'it trusts what nobody signed';
  for (const { signedBy } of sources) {
    const keys = signedBy === undefined ? believedKeys(facts) : signedBy.split(/[\s,]+/);
    const odd = keys.find((key) => !facts.isVerified(key));
    if (odd !== undefined) return `no package vouches for the key ${odd.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?')}`;
  }
  return undefined;
};

/** What apt-secure(8) calls weakening; it counts whatever its value. */
const TAKES_UNSIGNED = /^[^#]*\b(trusted|allow-(insecure|weak|downgrade-to-insecure))\s*[:=]/im;

const believedKeys = ({ tree }: DebianFacts): string[] =>
  [...tree.keys()].filter(
    (path) => path === '/etc/apt/trusted.gpg' || /^\/etc\/apt\/trusted\.gpg\.d\/[^/]+\.(gpg|asc)$/.test(path),
  );
