/** The templates that lie unpacked in an installer's initrd: dpkg's info folder of the udebs that are in it. */
import { readCpio } from '../../media/initrd/cpio-reader.ts';
import { parseStanzas } from '../../origin/debian/control.ts';
import { parseTemplates } from './template-file.ts';
import type { Template } from './templates.ts';

export interface InitrdTemplates {
  readonly components: ReadonlyMap<string, readonly Template[]>;
  readonly versions: ReadonlyMap<string, string>;
}

/** Throws what `readCpio` throws. */
export const readInitrdTemplates = (initrd: Uint8Array): InitrdTemplates => {
  const components = new Map<string, readonly Template[]>();
  const versions = new Map<string, string>();
  for (const entry of readCpio(initrd)) {
    if (entry.type !== 'file') continue;
    const [, name] = /^var\/lib\/dpkg\/info\/([^/]+)\.templates$/.exec(entry.path) ?? [];
    if (name !== undefined) components.set(name, parseTemplates(textOf(entry.content), name));
    if (entry.path === 'var/lib/dpkg/status') {
      for (const stanza of parseStanzas(textOf(entry.content)))
        versions.set(stanza.get('package') ?? '', stanza.get('version') ?? '');
    }
  }
  return { components, versions };
};

const textOf = (content: Uint8Array | string): string =>
  typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
