/** Whether a file of the disk is what a package says, and in what it is not. Times are no part of it: the system sets them. */
import { shownPath } from '../capture/file-names.ts';
import type { FileNode } from '../capture/file-tree.ts';
import type { Aspect, Expected } from './classes.ts';

/** What nothing but the kernel reads and no package brings: journals of a file system's own. */
const OWN_ATTRIBUTES = /^system\.data$/;

export const differences = (file: FileNode, expected: Expected, sha256: string | undefined): Aspect[] => {
  if (file.type !== expected.type) return ['type'];
  const isFile = file.type === 'file';
  const differing: readonly (readonly [Aspect, boolean])[] = [
    ['content', isFile && (file.size !== expected.size || sha256 !== expected.sha256)],
    // Of a link they say nothing.
    ['mode', file.type !== 'link' && file.mode !== undefined && file.mode !== expected.mode],
    ['owner', file.uid !== undefined && (file.uid !== expected.uid || file.gid !== expected.gid)],
    ['target', file.type === 'link' && file.target !== expected.target],
    ['device', file.device !== expected.device],
    ['attributes', !sameAttributes(file, expected)],
  ];
  return differing.flatMap(([aspect, differs]) => (differs ? [aspect] : []));
};

/** A file that nobody may change is not mended by an upgrade either. */
const sameAttributes = ({ attributes, flags }: FileNode, expected: Expected): boolean => {
  if (flags !== undefined) return false;
  const found = [...(attributes ?? [])].filter(([name]) => !OWN_ATTRIBUTES.test(name));
  const wanted = Object.entries(expected.attributes ?? {});
  return (
    found.length === wanted.length &&
    found.every(([name, value]) => wanted.some(([other, hex]) => other === name && hex === value.toString('hex')))
  );
};

/** `0644 → 4755`, for a message. */
export const saidOf = (file: FileNode, expected: Expected, aspects: readonly Aspect[]): string =>
  aspects
    .map((aspect) => {
      switch (aspect) {
        case 'mode':
          return `mode ${octal(expected.mode)} → ${octal(file.mode ?? 0)}`;
        case 'owner':
          return `owner ${expected.uid}:${expected.gid} → ${file.uid}:${file.gid}`;
        case 'target':
          return `link to ${expected.target} → ${shownPath(file.target ?? '')}`;
        case 'type':
          return `${expected.type} → ${file.type}`;
        case 'device':
          return `device ${expected.device ?? 'none'} → ${file.device ?? 'none'}`;
        case 'attributes':
          return `attributes ${namesOf(Object.keys(expected.attributes ?? {}))} → ${namesOf([...(file.attributes?.keys() ?? []), ...flagOf(file)].map(shownPath))}`;
        default:
          return aspect;
      }
    })
    .join(', ');

const flagOf = ({ flags }: FileNode): string[] => (flags === undefined ? [] : [`chattr +${flags}`]);
const namesOf = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(' '));
const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
