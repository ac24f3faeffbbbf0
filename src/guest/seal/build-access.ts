/** The seal operation that takes the build's own way in out of the system. */
import { posix } from 'node:path';
import { ACCESS_FILES, ACCESS_LINE, PATIENCE_GENERATOR } from '../../access/access.ts';
import { HOMES } from './homes-script.ts';
import { REWRITE } from './rewrite.ts';
import { absent, type SealUnit } from './unit.ts';

/** Where `seal` leaves the base64 part of the build's public key for the scripts. */
export const SEAL_FOLDER = '/run/ingot/seal';

export const BUILD_ACCESS: SealUnit = {
  name: 'build-access',
  why: 'The build logs in as root with a key of its own, by a unit that runs what the hypervisor hands in. Whoever has the image must not find that door, even though the key is thrown away.',
  script: `
rm -f ${ACCESS_FILES.join(' ')}
rmdir ${posix.dirname(PATIENCE_GENERATOR)} 2>/dev/null || true
key=$(cat ${SEAL_FOLDER}/build-key)
${HOMES}
${REWRITE}
homes | while IFS= read -r home; do
  file=$home/.ssh/authorized_keys
  [ -f "$file" ] && grep -qF "$key" "$file" || continue
  rest=$(grep -vF "$key" "$file" || true)
  if [ -n "$rest" ]; then printf '%s\\n' "$rest" | rewrite "$file"; else rm -f "$file"; rmdir "\${file%/*}" 2>/dev/null || true; fi
done`,
  checks: [...absent(...ACCESS_FILES), { kind: 'no-line', ...ACCESS_LINE }],
};
