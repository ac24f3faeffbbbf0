/**
 * Whether an installer knows the addresses of network cards when the host is chosen: the initrd of a Debian CD has no
 * drivers for them, they come from the CD when the answers have long been read.
 */
import { IngotError } from '../errors.ts';
import { installerPaths } from '../media/initrd/installer-paths.ts';
import type { LoadedRecipe } from '../recipe/load.ts';

/** Throws `media.no-network-drivers` when hosts are known by their cards alone, and the initrd has no driver for any. */
export const requireKnownCards = async (iso: string, { recipe, hosts }: LoadedRecipe, signal: AbortSignal) => {
  const byCard = hosts.filter(({ match }) => match.mac !== undefined).map(({ name }) => name);
  if (recipe.os.family !== 'debian' || byCard.length === 0) return;
  const paths = await installerPaths(iso, signal);
  if (paths === undefined || paths.names.some((path) => DRIVER.test(path))) return;
  throw new IngotError(
    'media.no-network-drivers',
    'hosts are to be known by their network cards, and this installer has no driver for any when it looks',
    {
      where: recipe.name,
      detail: `Known by their cards: ${byCard.join(', ')}`,
      hint: 'Let `match` name their serial number or UUID, or take a medium of Debian’s netboot installer (`origin.assemble`).',
    },
  );
};

const DRIVER = /(^|\/)lib\/modules\/[^/]+\/kernel\/drivers\/net\/(ethernet\/.|virtio_net\.)/;
