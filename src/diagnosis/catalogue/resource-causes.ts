/** What runs out or breaks while a machine works: space, media. It shows in many places, so it is looked for first. */
import type { Cause } from '../cause.ts';

export const RESOURCES: readonly Cause[] = [
  {
    code: 'disk.full',
    message: 'a file system of the machine is full',
    hint: 'Give it more room: machine.disk, or the layout of answers.disk.',
    lines: [/No space left on device/, /You don't have enough free space in/, /ENOSPC/],
    screens: [/No space left on device/],
    source: 'Linux: ENOSPC in the C library’s words; apt',
  },
  {
    code: 'media.unreadable',
    message: 'the medium cannot be read: {where}',
    hint: 'Is the ISO whole, and the host’s disk in order? `ingot media verify ISO` reads it all.',
    lines: [
      /(?:blk_update_request: )?(?:critical medium|I\/O) error, dev (?<where>sr\d+[^\n]*)/,
      /Buffer I\/O error on (?:dev|device) (?<where>sr\d+[^\n]*)/,
      /\bSQUASHFS error: (?<where>.*)/,
      /\bISOFS: (?<where>unable to read .*)/i,
    ],
    source: 'Linux: block/blk-core.c, fs/buffer.c, fs/squashfs, fs/isofs',
  },
  {
    code: 'disk.errors',
    message: 'the machine’s disk reports errors: {where}',
    hint: 'Is the host’s file system full or its disk failing? See the host’s log (dmesg).',
    lines: [
      /(?:blk_update_request: )?(?:critical \w+|I\/O) error, dev (?<where>(?:[vs]d[a-z]|nvme\d)[^\n]*)/,
      /Buffer I\/O error on (?:dev|device) (?<where>(?:[vs]d[a-z]|nvme\d|dm-\d)[^\n]*)/,
      /EXT4-fs error \(device (?<where>[^)]+)\)/,
    ],
    source: 'Linux: block/blk-core.c, fs/buffer.c, fs/ext4/super.c',
  },
];
