/** Which way leads into a system that somebody else has made: the first that it understands, unless the recipe names one. */
import { IngotError } from '../errors.ts';
import type { ImageOrigin, WayIn } from '../recipe/schema/origin-schema.ts';

export interface Understood {
  readonly hasCloudInit: boolean;
  /** Undefined where there is no systemd, or none that says its version. */
  readonly systemd: number | undefined;
}

/** A unit can be handed in by the firmware since this version (systemd.system-credentials(7), systemd.extra-unit). */
const EXTRA_UNITS = 256;

export const FAULTS: Readonly<Record<WayIn, (understood: Understood) => string | undefined>> = {
  'cloud-init': ({ hasCloudInit }) => (hasCloudInit ? undefined : 'it has no cloud-init'),
  credential: ({ systemd }) =>
    systemd !== undefined && systemd >= EXTRA_UNITS
      ? undefined
      : `its systemd ${systemd ?? ''} takes no units as credentials, which ${EXTRA_UNITS} and later do`,
  offline: () => undefined,
};

const ORDER: readonly WayIn[] = ['cloud-init', 'credential', 'offline'];

/** Throws `origin.image-access` when the way that the recipe names does not lead in. */
export const wayInto = (asked: ImageOrigin['access'], understood: Understood): WayIn => {
  if (asked === 'auto') return ORDER.find((way) => FAULTS[way](understood) === undefined) ?? 'offline';
  const fault = FAULTS[asked](understood);
  if (fault === undefined) return asked;
  throw new IngotError('origin.image-access', `the image cannot be entered by ${asked}: ${fault}`, {
    where: 'origin.access',
    hint: 'Leave `origin.access` out: the first way that the image understands is taken. `offline` needs nothing from the image.',
  });
};
