/** What a recipe can say when it starts from a disk image: there is no installer, so nothing can be meant for one. */
import { IngotError } from '../../errors.ts';
import type { Stated } from '../load/stated.ts';
import type { Problem } from '../problems/problem.ts';
import { type ImageOrigin, INTAKE_FORMATS, isImage } from '../schema/origin-schema.ts';
import type { Recipe } from '../schema.ts';
import { publishedName, readImageName } from '../values/image-name.ts';

const INSTALLER = 'It is for an installer, and an image is installed already.';
const STEP = 'A `configure` step can do it.';
const NO_MEDIUM = 'Install media are made of an install ISO or of packages.';
const MEDIA = [
  ...['start', 'volumeId', 'files', 'remove', 'arguments', 'signingKey', 'firmware', 'unknownHost', 'bootTest'],
] as const;

/** Fields, each with what to do instead. */
const NOT_FOR_IMAGES: Readonly<Record<string, string>> = {
  'answers.disk': 'The image has its partitions; `machine.disk` makes the last one larger.',
  'answers.network': `The image has its network configuration. ${STEP}`,
  'answers.firmware': STEP,
  'answers.early': STEP,
  'answers.late': STEP,
  'answers.template': INSTALLER,
  'answers.installerArguments': INSTALLER,
  'answers.lint': INSTALLER,
  'capture.medium': NO_MEDIUM,
  hosts: 'Hosts are for install media.',
  // `media.packages` are on a medium of the build's own.
  ...Object.fromEntries(MEDIA.map((field) => [`media.${field}`, NO_MEDIUM])),
  tuning: INSTALLER,
};

/** A layer is a qcow2 over an image that somebody keeps. */
const checkThin = ({ origin, capture: { thin, formats } }: Recipe): Problem[] => {
  if (!thin || (isImage(origin) && formats.length === 1 && formats[0] === 'qcow2')) return [];
  return [
    {
      path: ['capture', 'thin'],
      message: isImage(origin) ? 'a layer has to be a qcow2' : 'there is no image below this one',
      hint: isImage(origin)
        ? '`capture: {formats: [qcow2], thin: true}`'
        : 'Only a build that begins with `origin.image` can deliver a layer.',
    },
  ];
};

export const checkImage = (recipe: Recipe, stated: Stated): Problem[] => [
  ...checkThin(recipe),
  ...(isImage(recipe.origin) ? [...checkName(recipe.origin), ...notForImages(stated)] : []),
];

/** What the build would find out when it takes the image: for one on another host, after the download. */
const checkName = ({ image, format }: ImageOrigin): Problem[] => {
  if (typeof image !== 'string') return [];
  const path = ['origin', 'image'];
  try {
    const named = readImageName(publishedName(image), format);
    if (named.format !== undefined || named.container !== undefined) return [];
  } catch (error) {
    if (!(error instanceof IngotError)) throw error;
    return [{ path, message: error.message, hint: error.hint }];
  }
  return [
    {
      path,
      message: 'neither its name nor `format` says the format of the image',
      hint: `Say it next to \`image\`, as the publisher does: format: ${INTAKE_FORMATS.join(', ')}. Nothing guesses it from the content.`,
    },
  ];
};

const notForImages = (stated: Stated): Problem[] =>
  Object.entries(NOT_FOR_IMAGES)
    .filter(([field]) => stated.has(field))
    .map(([field, hint]) => ({
      path: field.split('.'),
      at: 'key',
      message: 'is not for a build that starts from a disk image',
      hint,
    }));
