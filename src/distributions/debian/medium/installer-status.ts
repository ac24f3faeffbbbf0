/**
 * The installer's own package database, /var/lib/dpkg in its initrd: what main-menu runs, in which order, and the
 * debconf templates that are loaded at its start.
 */
import { createReadStream } from 'node:fs';
import { IngotError } from '../../../errors.ts';
import type { CpioEntry } from '../../../formats/archives/cpio.ts';
import { readCpio } from '../../../formats/archives/cpio-reader.ts';
import { parseStanza, parseStanzas, type Stanza, splitStanzas } from '../../../formats/packages/deb822.ts';
import { parseRelations } from '../archive/relations.ts';

/** A component in the form that the installer looks for: unpacked, its scripts and templates next to the status file. */
export interface Component {
  /** Text of its control file. */
  readonly control: string;
  /** By suffix: `postinst`, `templates`, `isinstallable`, `menutest`. */
  readonly info: ReadonlyMap<string, string>;
}

const FIELDS = [
  ['Package', 'package'],
  ['Status', 'status'],
  ['Version', 'version'],
  ['Architecture', 'architecture'],
  ['Depends', 'depends'],
  ['Provides', 'provides'],
  ['Enhances', 'enhances'],
  ['Kernel-Version', 'kernel-version'],
  ['Installer-Menu-Item', 'installer-menu-item'],
] as const;

export const STATUS = 'var/lib/dpkg/status';

const UNPACKED = 'install ok unpacked';
export const INFO_SUFFIXES: readonly string[] = ['postinst', 'templates', 'isinstallable', 'menutest'];

export const packageOf = (control: string): string => parseStanza(control).get('package') ?? '';

/** The names in a status file. */
export const installedNames = (status: string): string[] =>
  parseStanzas(status).flatMap((stanza) => stanza.get('package') ?? []);

/** What the components in an initrd are called and provide. Throws `origin.installer-invalid`. */
export const installedComponents = async (initrd: string): Promise<Set<string>> => {
  for await (const entry of readCpio(createReadStream(initrd), (path) => path === STATUS)) {
    if (entry.type !== 'file' || entry.path !== STATUS || entry.content === undefined) continue;
    const stanzas = parseStanzas(Buffer.from(entry.content).toString('utf8'));
    return new Set(
      stanzas.flatMap((stanza) => [stanza.get('package') ?? '', ...parseRelations(stanza.get('provides')).flat()]),
    );
  }
  throw noStatus();
};

export const noStatus = (): IngotError =>
  new IngotError('origin.installer-invalid', `the installer's initrd has no ${STATUS}`, {
    hint: 'It is not the initrd of debian-installer. Use the package debian-installer-…-netboot of the release.',
  });

/** The status file with the components added as unpacked, and without the entries of `leaveOut`. */
export const mergeStatus = (status: string, components: readonly Component[], leaveOut: readonly string[]): string => {
  const kept = splitStanzas(status).filter((text) => text.trim() !== '' && !leaveOut.includes(packageOf(text)));
  const added = components.map(({ control }) => renderStanza(parseStanza(control)));
  return [...kept.map((text) => text.trim()), ...added].map((text) => `${text}\n\n`).join('');
};

const renderStanza = (stanza: Stanza): string => {
  const lines = FIELDS.flatMap(([field, key]) => {
    const value = key === 'status' ? UNPACKED : stanza.get(key);
    return value === undefined ? [] : [`${field}: ${value.replaceAll('\n', ' ')}`];
  });
  // main-menu shows the first line of the description.
  const [summary = ''] = (stanza.get('description') ?? '').split('\n');
  return [...lines, `Description: ${summary}`].join('\n');
};

export const infoEntries = (component: Component): CpioEntry[] =>
  [...component.info].map(([suffix, content]) => ({
    type: 'file',
    path: `var/lib/dpkg/info/${packageOf(component.control)}.${suffix}`,
    mode: suffix === 'templates' ? 0o644 : 0o755,
    content,
  }));

/**
 * debconf templates without their translations (`Description-de.UTF-8:` and the lines that go with it): loading them
 * takes much of the installer's start, and nobody reads what an unattended installer asks.
 */
export const withoutTranslations = (templates: string): string => {
  let dropping = false;
  const kept = templates.split('\n').filter((line) => {
    if (line === '') dropping = false;
    else if (!/^\s/.test(line))
      dropping = /^(Description|Choices|Default|Extended_description|Indices)-(?!C:)/i.test(line);
    return !dropping;
  });
  return kept.join('\n');
};
