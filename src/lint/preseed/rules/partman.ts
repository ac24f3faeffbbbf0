/** Answers to the partitioner and the boot loader that are free text to debconf but not to their scripts. */
import { suggest } from '../../../suggest.ts';
import type { Rule } from '../../rule.ts';
import { shownValue } from '../check.ts';
import { type Form, type FormFault, formCheck, wordsOf } from './form.ts';

const method: Rule = {
  name: 'preseed/partman-value',
  severity: 'error',
  summary: 'A word that the partitioner does not know, so it asks or stops.',
  source: 'installation guide, appendix B.4.7; automatically_partition/ of partman-auto and its kin',
  bad: 'd-i partman-auto/method string lvn\n',
  good: 'd-i partman-auto/method string lvm\n',
};

const device: Rule = {
  name: 'preseed/device',
  severity: 'error',
  summary: 'Disks are named by their full path below /dev, divided by blanks.',
  source: 'installation guide, appendices B.4.7 and B.4.11',
  bad: 'd-i partman-auto/disk string sda\n',
  good: 'd-i partman-auto/disk string /dev/sda\n',
};

const oneOf =
  (known: readonly string[], strict: boolean) =>
  (value: string, question: string): FormFault | undefined => {
    if (known.includes(value)) return undefined;
    const near = suggest(value, known);
    if (near === undefined && !strict) return undefined;
    return {
      message: `${shownValue(value)} is no value of ${question}`,
      hint: near === undefined ? `One of ${known.join(', ')}.` : `Did you mean ${near}?`,
      replacement: near,
    };
  };

const RECIPE = oneOf(['atomic', 'home', 'multi', 'server', 'small_disk'], false);
/** Where no recipe has the name the first of the installer's own is taken. */
const recipeFault = (value: string, question: string): FormFault | undefined => {
  const fault = RECIPE(value, question);
  return fault && { ...fault, severity: 'warning' };
};

const deviceFault = (value: string): FormFault | undefined => {
  const words = wordsOf(value);
  const part = words.find((word) => !/^\/(dev|var\/lib\/partman)\//.test(word));
  if (part !== undefined)
    return {
      message: `${shownValue(part)} is no path of a disk`,
      part,
      replacement: /^[hsvx]v?d[a-z]$|^nvme\d+n\d+$|^mmcblk\d+$/.test(part) ? `/dev/${part}` : undefined,
      hint: part.includes(',') ? 'Disks are divided by blanks.' : 'Write it as `/dev/sda`.',
    };
  const slice = words.find((word) => /^\/dev\/([hsv]d[a-z]+\d+|xvd[a-z]+\d+|(nvme\d+n|mmcblk)\d+p\d+)$/.test(word));
  if (slice !== undefined) return { message: `${slice} is a partition, not a disk`, part: slice };
  const joined = words.find((word) => word.includes(','));
  return joined === undefined ? undefined : { message: 'disks are divided by blanks, not by commas', part: joined };
};

/** The folders below automatically_partition/, without their numbers; other components may add to them. */
const GUIDED = ['some_device', 'some_device_lvm', 'some_device_crypto', 'biggest_free', 'custom'];

const forms: readonly Form[] = [
  {
    rule: method,
    question: 'partman-auto/method',
    fault: oneOf(['regular', 'lvm', 'crypto', 'raid'], true),
  },
  {
    rule: method,
    question: 'partman/choose_partition',
    // The name of the folder below choose_partition/ that has the program to run, with or without its number; the texts
    // of the menu were the values of installers long gone.
    fault: (value) =>
      /^(90)?finish$|^90finish_{10}finish$/.test(value)
        ? undefined
        : {
            message: /^finish /i.test(value)
              ? `${shownValue(value)} is the text of a menu, and the installer looks for a program of this name`
              : `${shownValue(value)} does not finish partitioning`,
            hint: 'Write finish.',
            replacement: 'finish',
          },
  },
  {
    rule: method,
    question: /^partman-auto\/(init_)?automatically_partition$/,
    fault(value) {
      const [, name = value] = /^(?:\d\d)?([a-z_]+?)(?:_{10}\S*)?$/.exec(value) ?? [];
      if (/\s/.test(value))
        return {
          message: `${shownValue(value)} is the text of a menu, and the installer looks for a program of this name`,
          hint: `One of ${GUIDED.join(', ')}.`,
        };
      return oneOf(GUIDED, false)(name, 'partman-auto/init_automatically_partition');
    },
  },
  {
    rule: method,
    question: 'partman-auto/choose_recipe',
    // With a recipe of the file's own it is mostly the name of that.
    fault: (value, question, other) =>
      other('partman-auto/expert_recipe') === undefined ? recipeFault(value, question) : undefined,
  },
  {
    rule: method,
    question: 'partman-auto-lvm/guided_size',
    fault: (value) =>
      /^(max|\d{1,2}%|100%|\d+([.,]\d+)? ?[kKMGT]?i?B?)$/.test(value)
        ? undefined
        : { message: `${shownValue(value)} is no size`, hint: 'max, a percentage, or a size with its unit: `20 GB`.' },
  },
  {
    rule: method,
    question: 'partman-auto-lvm/new_vg_name',
    fault: (value) =>
      /^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/.test(value)
        ? undefined
        : { message: `${shownValue(value)} is no name of a volume group`, hint: 'Letters, digits and + _ . - only.' },
  },
  {
    rule: method,
    question: /^partman-partitioning\/(default_label|choose_label)$/,
    fault: oneOf(['gpt', 'msdos', 'mac', 'sun', 'dvh', 'bsd', 'amiga', 'atari', 'aix', 'pc98', 'loop', 'dasd'], true),
  },
  {
    rule: method,
    question: 'partman/default_filesystem',
    fault: oneOf(['ext2', 'ext3', 'ext4', 'btrfs', 'xfs', 'jfs', 'f2fs', 'zfs', 'reiserfs'], true),
  },
  { rule: device, question: 'partman-auto/disk', fault: deviceFault },
  {
    rule: device,
    question: 'grub-installer/bootdev',
    fault(value) {
      const part = wordsOf(value).find((word) => !/^(\/|\([hf]d\d+(,\w+)?\)$|default$)/.test(word));
      if (part === undefined) return undefined;
      const near = /^[hsv]d[a-z]$/.test(part) ? `/dev/${part}` : suggest(part, ['default']);
      return {
        message: `${shownValue(part)} is no device for a boot loader`,
        part,
        hint: near === undefined ? 'default, `/dev/sda` or `(hd0)`.' : `Did you mean ${near}?`,
        replacement: near,
      };
    },
  },
];

export const partman = formCheck(forms);
