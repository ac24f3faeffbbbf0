/** Anaconda and dracut of the RHEL family. */
import type { Cause } from '../cause.ts';

const HANDLERS = 'anaconda: pyanaconda/errors.py';

export const ANACONDA: readonly Cause[] = [
  {
    code: 'install.kickstart-missing',
    message: 'the installer could not get its kickstart file: {from}',
    hint: 'Is it where inst.ks= says? With hd:LABEL=… the label is the medium’s volume id.',
    lines: [
      /anaconda:? (?:failed to fetch kickstart from|kickstart not found|can't find kickstart) ?(?<from>.*)/i,
      /Can't get kickstart from (?<from>\S+)/,
    ],
    source: 'anaconda: dracut/fetch-kickstart-net.sh, dracut/fetch-kickstart-disk, dracut/anaconda-lib.sh',
  },
  {
    code: 'install.kickstart-syntax',
    message: 'the kickstart file is wrong: {error}',
    hint: '`ingot lint FILE --release …` shows the lines.',
    lines: [
      /(?<error>(?:Unknown command|Section \S+ does not end with %end|The following problem occurred on line \d+ of the kickstart file).*)/,
      /error parsing kickstart: (?<error>.*)/i,
    ],
    screens: [/occurred (?:on|while parsing) (?<error>line \d+ of the kickstart file:? .{0,200})/],
    source: `${HANDLERS}; pykickstart: errors.py`,
  },
  {
    code: 'install.kickstart-script',
    message: 'a script of the kickstart file failed, the one at line {line}',
    hint: 'What it said is in the detail; scripts with --erroronfail stop the installation.',
    lines: [/There was an error running the kickstart script at line (?<line>\d+)/],
    screens: [/error running the kickstart script at line (?<line>\d+)/],
    source: HANDLERS,
  },
  {
    code: 'install.stage2-missing',
    message: 'the installer does not find its second stage',
    hint: 'inst.stage2= has to name the medium’s volume id (hd:LABEL=…) or a tree with images/install.img.',
    lines: [
      /anaconda: can't find installer main image/i,
      /Warning: \/dev\/root does not exist/,
      /dracut-initqueue(?:\[\d+\])?: Warning: dracut-initqueue timeout/,
      /dracut: FATAL: .*/,
    ],
    source: 'anaconda: dracut; dracut: modules.d/99base',
  },
  {
    code: 'install.no-disk',
    message: 'the installer finds no disk that it may use',
    hint: 'Has the machine a disk (machine.disk), and do ignoredisk and clearpart leave it?',
    lines: [
      /No (?:usable )?disks (?:detected|selected)/,
      /Disk .* (?:given in|specified in) \S+ command does not exist/,
    ],
    screens: [/No (?:usable )?disks (?:detected|selected)/],
    source: 'anaconda: pyanaconda/ui, modules/storage',
  },
  {
    code: 'install.disk-small',
    message: 'the disk cannot be partitioned as wanted: {reason}',
    hint: 'Give the machine a larger disk (machine.disk), or lower the sizes in answers.disk.',
    lines: [/(?:not enough (?:free )?space|Unable to allocate requested partition scheme)(?<reason>.*)/i],
    screens: [/Unable to allocate requested partition scheme/],
    source: 'anaconda: storage; blivet: partitioning.py',
  },
  {
    code: 'install.media-check',
    message: 'the medium’s own check says that it is damaged',
    hint: 'Fetch the ISO again; `ingot media verify ISO` tells where it differs.',
    lines: [/media check (?:failed|complete, the result is: FAIL)/i, /checkisomd5 .*failed/i],
    screens: [/The media check is complete, the result is: FAIL/],
    source: 'isomd5sum: checkisomd5.c; dracut: modules.d/90dmsquash-live',
  },
  {
    code: 'install.packages',
    message: 'packages that the kickstart file names are missing: {packages}',
    hint: 'Are they in the repositories (url, repo), and their modules enabled? `%packages --ignoremissing` goes on without.',
    lines: [
      /(?:The following|Some) packages, groups or modules are missing:? ?(?<packages>.*)/i,
      /No match for argument: (?<packages>\S+)/,
    ],
    source: 'anaconda: payload/dnf; dnf',
  },
];
