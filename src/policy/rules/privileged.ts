/** Programs that run with more rights than their caller has. */
import { posix } from 'node:path';
import { matchesPath } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

export const judgePrivileged = (
  { only, ofNoPackage, interpreters }: NonNullable<Policy['privileged']>,
  { inspection }: PolicyFacts,
): Findings =>
  inspection.privileged.flatMap(({ path, mode, setuid, setgid, capabilities, package: owner }) => {
    const how = [setuid ? 'setuid' : '', setgid ? 'setgid' : '', capabilities].filter((word) => word !== '').join(', ');
    return [
      ...(only === undefined || matchesPath(only, path)
        ? []
        : [
            fails(
              'privileged.only',
              `${path} (${owner ?? 'of no package'}) is ${how}, mode ${mode}`,
              path,
              `Take the right away in a step (chmod ug-s ${path}), or allow it.`,
            ),
          ]),
      ...(ofNoPackage === undefined || owner !== undefined || inspection.packages === undefined
        ? []
        : [
            fails(
              'privileged.ofNoPackage',
              `no package has ${path}, which is ${how}`,
              path,
              'Find out which step made it; `ingot diff --run` shows what steps changed.',
            ),
          ]),
      ...(interpreters === undefined || !DOES_ANYTHING.test(posix.basename(path))
        ? []
        : [
            fails(
              'privileged.interpreters',
              `${path} is ${how}, and does whatever it is told`,
              path,
              `Take the right away in a step: chmod ug-s ${path}; setcap -r ${path}`,
            ),
          ]),
    ];
  });

/** Shells, languages, editors, and tools that write, copy or run what they are told. */
const DOES_ANYTHING =
  /^(?:(?:ba|da|k|mk|z|c|tc|fi)?sh|busybox|python[\d.]*|perl[\d.]*|ruby[\d.]*|node(?:js)?|php[\d.]*|lua[\d.]*|tclsh[\d.]*|[gm]?awk|vi|vim\.?\w*|nano|ed|emacs|find|xargs|cp|mv|dd|tee|cat|install|ln|ch(?:mod|own|root)|sed|tar|cpio|rsync|gdb|strace|env|nice|timeout|setpriv|setarch|unshare|nsenter|capsh|less|more|man|socat|ncat|nc(?:\.\w+)?|curl|wget|openssl|git|make|docker|systemctl|apt(?:-get)?|dpkg|mknod|debugfs)$/;
