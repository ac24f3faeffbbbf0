/** The user's scripts for the installer. */
import type { Script } from '../recipe/schema/answers-schema.ts';

/** The user's script as an executable of the installer; without a `#!` line it is one for `sh -e`. */
export const scriptText = (script: Script | undefined, files: ReadonlyMap<string, Uint8Array>): string | undefined => {
  if (script === undefined) return undefined;
  const text = 'script' in script ? script.script : new TextDecoder().decode(files.get(script.file));
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  return whole.startsWith('#!') ? whole : `#!/bin/sh\nset -e\n${whole}`;
};
