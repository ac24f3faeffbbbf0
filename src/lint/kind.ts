/** Which installer a file is for, by what is written in it. */
import type { SourceFile } from './source-file.ts';

export type Kind = 'preseed' | 'kickstart';

const ANSWER =
  /^\s*#?\s*\S+\s+\S+\/\S+\s+(?:string|boolean|select|multiselect|password|text|note|error|title|seen)\b|^\s*d-i\s/;
const SECTION =
  /^%(?:packages|pre|pre-install|post|onerror|traceback|addon|anaconda|end|include|ksappend|certificate)\b/;
const COMMAND =
  /^\s*(?:auth|authconfig|authselect|autopart|bootc|bootloader|btrfs|cdrom|clearpart|cmdline|device|driverdisk|eula|fcoe|firewall|firstboot|graphical|group|halt|harddrive|hmc|ignoredisk|install|iscsi|iscsiname|keyboard|lang|liveimg|logging|logvol|mediacheck|module|mount|network|nfs|nvdimm|ostreecontainer|ostreesetup|part|partition|poweroff|raid|rdp|realm|reboot|repo|reqpart|rescue|rhsm|rootpw|selinux|services|shutdown|skipx|snapshot|sshkey|sshpw|syspurpose|text|timezone|timesource|updates|url|user|vnc|volgroup|xconfig|zerombr|zfcp|zipl)(?:\s|$)/;

/** Lines of programs that make the file: they say nothing about it. */
const TEMPLATE = /^\s*(?:<%|%>|\{[{%#]|[%#}]\}|\$|%%|#)/;

/** How many lines of a form there are, and among how many that could have it. */
interface Share {
  readonly matching: number;
  readonly all: number;
}

/** The kind of most lines; the name decides between equals, and it is believed when few lines are of a form. */
export const detectKind = ({ name, lines }: SourceFile): Kind | undefined => {
  const shares: Readonly<Record<Kind, Share>> = { preseed: preseedShare(lines), kickstart: kickstartShare(lines) };
  const called = kindOfName(name);
  const { preseed, kickstart } = shares;
  const most =
    preseed.matching === kickstart.matching ? called : preseed.matching > kickstart.matching ? 'preseed' : 'kickstart';
  if (most === undefined) return undefined;
  const { matching, all } = shares[most];
  // One line among many may be anything: `reboot` is in shell scripts as well.
  return matching * (most === called ? 20 : 2) >= all ? most : undefined;
};

const kindOfName = (name: string): Kind | undefined =>
  /\.ks(?:\.cfg|\.in|\.ejs|\.j2|\.erb)?$|(?:^|[/_-])ks[^/]*\.cfg|kickstart|(?:^|\/)ks$/i.test(name)
    ? 'kickstart'
    : /preseed|\.seed$/i.test(name)
      ? 'preseed'
      : undefined;

const LONGEST = 4096;

/** A line that goes on is counted once. Answers that are commented out are a mark of their own, other comments none. */
const preseedShare = (lines: readonly string[]): Share => {
  let matching = 0;
  let all = 0;
  let continued = false;
  for (const raw of lines) {
    const line = raw.slice(0, LONGEST);
    const isAnswer = ANSWER.test(line);
    if (isAnswer || !(continued || line.trim() === '' || TEMPLATE.test(line))) {
      all++;
      if (isAnswer) matching++;
    }
    if (!raw.startsWith('#')) continued = /\\\s*$/.test(raw);
  }
  return { matching, all };
};

/** The content of a section is another language. */
const kickstartShare = (lines: readonly string[]): Share => {
  let matching = 0;
  let all = 0;
  let inside = false;
  for (const raw of lines) {
    const line = raw.slice(0, LONGEST);
    if (SECTION.test(line)) {
      matching += 2;
      all += 2;
      inside = !/^%(?:end|include|ksappend)\b/.test(line);
    } else if (!inside && line.trim() !== '' && !TEMPLATE.test(line)) {
      all++;
      if (COMMAND.test(line)) matching++;
    }
  }
  return { matching, all };
};
