/** Which answer files installers look for on a volume of a certain label, without being told by the kernel's command line. */
import { IngotError } from '../../errors.ts';

export interface VolumeFile {
  /** In the root of the volume. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

export interface VolumeKind {
  readonly label: 'OEMDRV' | 'CIDATA';
  readonly installer: string;
  /** The file that makes a volume one of this kind. */
  readonly file: string;
  /** Empty ones are added where these are missing. */
  readonly beside: readonly string[];
  /** What the file has to begin with. */
  readonly begins?: RegExp;
  /** What users of it have to know. */
  readonly mind: string;
  readonly source: string;
}

export const VOLUME_KINDS: readonly VolumeKind[] = [
  {
    label: 'OEMDRV',
    installer: 'Anaconda',
    file: 'ks.cfg',
    beside: [],
    mind: 'Anaconda takes it when its command line has no inst.ks=. The menu of the medium starts by itself after its own time-out.',
    source: 'dracut/kickstart-genrules.sh of Anaconda; its documentation of boot options, inst.ks',
  },
  {
    label: 'OEMDRV',
    installer: 'AutoYaST',
    file: 'autoinst.xml',
    beside: [],
    begins: /^\s*</,
    mind: 'linuxrc takes it when its command line has no autoyast=. The menu of the medium starts its own first entry.',
    source: 'AutoYaST guide, "Invoking the auto-installation process", volume label OEMDRV',
  },
  {
    label: 'CIDATA',
    installer: 'Subiquity',
    file: 'user-data',
    beside: ['meta-data'],
    begins: /^#cloud-config\s*\n/,
    mind: 'Subiquity asks once before it writes to a disk, unless its command line has `autoinstall`.',
    source: 'cloud-init, NoCloud; Ubuntu installation, "Autoinstall quick start"',
  },
];

/** Throws `media.no-volume-answers` for files that are of no kind or of two, `media.volume-answers` for a wrong beginning. */
export const volumeKind = (files: readonly VolumeFile[], where: string): VolumeKind => {
  const kinds = VOLUME_KINDS.filter(({ file }) => files.some(({ name }) => name === file));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new IngotError(
      'media.no-volume-answers',
      kind === undefined
        ? 'there is no file here that an installer looks for on a volume with answers'
        : `these are the answers of several installers: ${kinds.map(({ file }) => file).join(', ')}`,
      {
        where,
        hint: `One of ${VOLUME_KINDS.map(({ file, installer }) => `${file} (${installer})`).join(', ')} has to be in the folder's root.`,
      },
    );
  const content = files.find(({ name }) => name === kind.file)?.content ?? '';
  requireBeginning(kind, Buffer.from(content).toString('utf8'), where);
  return kind;
};

const requireBeginning = ({ begins, file, installer }: VolumeKind, text: string, where: string): void => {
  if (text.trim() !== '' && (begins === undefined || begins.test(text))) return;
  const expected = begins?.source.includes('#cloud-config') ? 'the line #cloud-config' : 'an element of XML';
  throw new IngotError(
    'media.volume-answers',
    text.trim() === '' ? `${file} is empty` : `${file} does not begin with ${expected}: ${installer} would not read it`,
    { where: `${where}/${file}`, hint: `Write answers for ${installer} into it.` },
  );
};
