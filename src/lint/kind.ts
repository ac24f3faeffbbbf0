/** Which installer a file is for, by what is written in it. */
import type { SourceFile } from './source-file.ts';

export type Kind = 'preseed' | 'kickstart';

const PRESEED =
  /^\s*#?\s*\S+\s+\S+\/\S+\s+(?:string|boolean|select|multiselect|password|text|note|error|title|seen)\b|^\s*d-i\s/;
const SECTION =
  /^%(?:packages|pre|pre-install|post|onerror|traceback|addon|anaconda|end|include|ksappend|certificate)\b/;
const COMMAND =
  /^(?:auth|authconfig|authselect|autopart|bootloader|cdrom|clearpart|cmdline|eula|firewall|firstboot|graphical|group|harddrive|ignoredisk|install|keyboard|lang|liveimg|logging|logvol|network|nfs|ostreesetup|part|partition|poweroff|raid|reboot|repo|reqpart|rootpw|selinux|services|shutdown|skipx|sshkey|sshpw|text|timezone|timesource|updates|url|user|volgroup|xconfig|zerombr)(?:\s|$)/;

/** The kind with the most lines of its form; the name decides between equals. */
export const detectKind = ({ name, lines }: SourceFile): Kind | undefined => {
  const matching = (pattern: RegExp) => lines.filter((line) => line.length < 4096 && pattern.test(line)).length;
  const preseed = matching(PRESEED);
  const kickstart = matching(COMMAND) + 2 * matching(SECTION);
  if (preseed !== kickstart) return preseed > kickstart ? 'preseed' : 'kickstart';
  if (/\.ks(?:\.cfg)?$|(?:^|\/)ks[^/]*\.cfg$|kickstart/i.test(name)) return 'kickstart';
  if (/preseed|\.seed$/i.test(name)) return 'preseed';
  return undefined;
};
