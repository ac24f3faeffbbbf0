/**
 * The install medium as a temporary apt source: it stays attached read-only, so that a step can install packages
 * while the guest reaches no network, of what the recipe adds to the medium too. The signatures on it are checked by the
 * guest's apt, each with its own key; sealing takes the source away again (`medium-source`).
 */
import { IngotError } from '../errors.ts';
import { lastLines } from '../host/lines.ts';
import { DEBIAN_KEYRING } from '../recipe/values/debian-releases.ts';
import type { Reporter } from '../report.ts';
import type { Session } from './session.ts';

/** On a file system in memory: no trace of the mount point is left. */
export const MEDIUM_MOUNT = '/run/ingot/medium';
export const MEDIUM_SOURCE = '/etc/apt/sources.list.d/ingot-medium.sources';

const ONLY_MEDIUM = `-o Dir::Etc::SourceList=${MEDIUM_SOURCE} -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=0`;

/**
 * Old media must stay usable: the dates of the signed indexes are not asked for. A medium whose index carries no
 * signature (Debian's own CDs) was checked as a whole, by its digest.
 */
export const MEDIUM_SCRIPT = `set -e
command -v apt-get >/dev/null || exit 3
mkdir -p ${MEDIUM_MOUNT}
if ! [ -e ${MEDIUM_MOUNT}/.disk/info ]; then
  for device in /dev/sr* /dev/disk/by-label/*; do
    [ -b "$device" ] || continue
    mount -t iso9660 -o ro,nosuid,nodev,noexec "$device" ${MEDIUM_MOUNT} 2>/dev/null || continue
    [ -e ${MEDIUM_MOUNT}/.disk/info ] && break
    umount ${MEDIUM_MOUNT}
  done
fi
[ -e ${MEDIUM_MOUNT}/.disk/info ] || exit 3
if [ -s ${MEDIUM_SOURCE} ]; then exit 0; fi
found=
: > ${MEDIUM_SOURCE}
for folder in ${MEDIUM_MOUNT}/dists/*; do
  [ -d "$folder" ] && [ ! -L "$folder" ] || continue
  suite=\${folder##*/}
  components=
  for index in "$folder"/*/binary-*; do
    [ -d "$index" ] || continue
    component=\${index%/*}
    component=\${component##*/}
    case " $components " in *" $component "*) ;; *) components="$components $component" ;; esac
  done
  [ -n "$components" ] || continue
  if [ -e "$folder/InRelease" ] || [ -e "$folder/Release.gpg" ]; then
    trust='Signed-By: ${DEBIAN_KEYRING}'
  elif [ -e "$folder/Release" ]; then
    trust='Trusted: yes'
  else
    continue
  fi
  printf 'Types: deb\\nURIs: file:${MEDIUM_MOUNT}\\nSuites: %s\\nComponents:%s\\n%s\\nLanguages: none\\nCheck-Valid-Until: no\\nCheck-Date: no\\n\\n' \\
    "$suite" "$components" "$trust" >> ${MEDIUM_SOURCE}
  found="$found $suite"
done
extra=${MEDIUM_MOUNT}/ingot/packages
if [ -e "$extra/key.gpg" ]; then
  printf 'Types: deb\\nURIs: file:%s\\nSuites: ingot\\nComponents: main\\nSigned-By: %s\\nLanguages: none\\nCheck-Valid-Until: no\\nCheck-Date: no\\n\\n' \\
    "$extra" "$extra/key.gpg" >> ${MEDIUM_SOURCE}
  found="$found ingot"
fi
if [ -z "$found" ]; then rm -f ${MEDIUM_SOURCE}; exit 3; fi
apt-get -q ${ONLY_MEDIUM} update
echo "ingot-suites$found"
`;

const NOTHING_THERE = 3;

/** May be called again, after a reboot. Returns whether the guest has the medium as a package source now; a medium without packages is no error. */
export const attachMediumSource = async (session: Pick<Session, 'exec'>, reporter: Reporter): Promise<boolean> => {
  const result = await session.exec('sh -s', { stdin: MEDIUM_SCRIPT, onLine: (line) => reporter.line(line) });
  if (result.exitCode === NOTHING_THERE) return false;
  if (result.exitCode !== 0) {
    throw new IngotError('guest.medium-source', 'apt in the guest does not take the medium as a source', {
      detail: lastLines(`${result.stdout}\n${result.stderr}`, 12),
      hint: 'The signature of its index is checked with the guest’s debian-archive-keyring.',
    });
  }
  return true;
};

/** For a medium that was made for this guest: without it packages would be missing, and nobody would be told. */
export const requireMediumSource = async (session: Pick<Session, 'exec'>, reporter: Reporter): Promise<void> => {
  if (await attachMediumSource(session, reporter)) return;
  throw new IngotError('guest.no-medium', 'the image does not find the disk with the packages that it lacks', {
    where: 'answers',
    hint: 'Its kernel needs virtio_blk and isofs, and it needs apt. `ingot shell` starts the machine as it was left; with `machine: {network: open}` its own apt fetches the packages.',
  });
};
