/** What apt of the image believes: sources whose packages a key of the archive has signed, and no word that takes others. */
import { parseDeb822Sources, parseOneLineSources } from '../../../formats/packages/apt-sources.ts';
import { type Check, shown } from './checks.ts';
import type { DebianFacts } from './facts.ts';

/** apt believes nothing that the archive's keys did not sign, whatever address it comes from. */
export const sources: Check = async ({ path }, facts) => {
  const stanzas = (await facts.text(path)).split(/\n\s*\n/).filter((stanza) => /^\w/m.test(stanza));
  for (const stanza of stanzas) {
    const found = [...stanza.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)];
    const fields = new Map(found.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
    if (TAKES_UNSIGNED.test(stanza)) return 'it trusts what nobody signed';
    if (facts.said?.texts.some((text) => text.includes(stanza.trim()))) continue;
    if (fields.size < found.length) return 'it has one field twice';
    if (TAKES_OLD.test(stanza)) return 'it takes indexes that are too old';
    const signedBy = fields.get('signed-by') ?? '';
    if (!facts.isVerified(signedBy)) return `no package vouches for its key ${shown(signedBy)}`;
  }
  return undefined;
};

/** The same of sources in either format; where one names no key, apt believes those of trusted.gpg.d. */
export const foreignSources: Check = async ({ path }, facts) => {
  const text = await facts.text(path);
  const sources = path.endsWith('.sources') ? parseDeb822Sources(text) : parseOneLineSources(text);
  if (TAKES_UNSIGNED.test(text) || sources.some(({ trusted }) => trusted)) return 'it trusts what nobody signed';
  if (TAKES_OLD.test(text)) return 'it takes indexes that are too old';
  for (const { signedBy } of sources) {
    const keys = signedBy === undefined ? believedKeys(facts) : signedBy.split(/[\s,]+/);
    const odd = keys.find((key) => !facts.isVerified(key));
    if (odd !== undefined) return `no package vouches for the key ${shown(odd)}`;
  }
  return undefined;
};

/** What apt-secure(8) calls weakening; it counts whatever its value. */
const TAKES_UNSIGNED = /^[^#]*\b(trusted|allow-(insecure|weak|downgrade-to-insecure))\s*[:=]/im;

/** Whoever gives out an index of last year keeps mended packages from the system. */
const TAKES_OLD = /^[^#]*\b(check-valid-until|check-date|date-max-future|valid-until-max)\s*[:=]/im;

const believedKeys = ({ tree }: DebianFacts): string[] =>
  [...tree.keys()].filter(
    (path) => path === '/etc/apt/trusted.gpg' || /^\/etc\/apt\/trusted\.gpg\.d\/[^/]+\.(gpg|asc)$/.test(path),
  );
