/** The templates that lie unpacked in an installer's initrd: dpkg's info folder of the udebs that are in it. */

import { readCpio } from '../../formats/archives/cpio-reader.ts';
import type { Pieces } from '../../formats/byte-source.ts';
import { parseStanzas } from '../../formats/packages/deb822.ts';
import { parseTemplates } from './template-file.ts';
import type { Template } from './templates.ts';

export interface InitrdTemplates {
  readonly components: ReadonlyMap<string, readonly Template[]>;
  readonly versions: ReadonlyMap<string, string>;
}

const TEMPLATES = /^var\/lib\/dpkg\/info\/([^/]+)\.templates$/;
const STATUS = 'var/lib/dpkg/status';

/** Throws what `readCpio` throws. */
export const readInitrdTemplates = async (initrd: Pieces): Promise<InitrdTemplates> => {
  const components = new Map<string, readonly Template[]>();
  const versions = new Map<string, string>();
  for await (const entry of readCpio(initrd, (path) => path === STATUS || TEMPLATES.test(path))) {
    if (entry.type !== 'file' || !entry.content) continue;
    const text = Buffer.from(entry.content).toString('utf8');
    const [, name] = TEMPLATES.exec(entry.path) ?? [];
    if (name !== undefined) components.set(name, parseTemplates(text, name));
    else
      for (const stanza of parseStanzas(text)) versions.set(stanza.get('package') ?? '', stanza.get('version') ?? '');
  }
  return { components, versions };
};
