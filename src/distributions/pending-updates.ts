/** What the vendor's signed indexes of today have beyond what is installed, where its family can be asked. */
import { IngotError } from '../errors.ts';
import type { Reporter } from '../report.ts';
import type { KnownUpdates, UpdateFolders, UpdateWish } from '../vulns/updates.ts';
import { familyOf } from './family-of.ts';
import type { FeedSubject } from './feed-subject.ts';
import { distributionOf } from './find.ts';

export interface PendingUpdates {
  readonly updates: KnownUpdates | undefined;
  /** Why they are not known. */
  readonly updatesUnknown: string | undefined;
}

/** Where they are asked for; what is absent is the vendor's usual. */
export type UpdatesFrom = Pick<UpdateWish, 'mirror' | 'securityMirror' | 'keyring' | 'frozen' | 'locked'>;

export interface UpdatesContext {
  readonly folders: UpdateFolders;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

export const NOT_ASKED: PendingUpdates = { updates: undefined, updatesUnknown: undefined };

/** What cannot be looked for is told, and is no failure. Throws `interrupted` and `host.tool-missing`. */
export const pendingUpdates = async (
  { inventory: { packages, system }, osRelease, components, suites }: FeedSubject,
  from: UpdatesFrom,
  { folders, reporter, signal }: UpdatesContext,
): Promise<PendingUpdates> => {
  const family = familyOf(osRelease);
  const source = family && (await (await distributionOf({ os: { family } })).image.updates?.());
  if (source === undefined || !source.isThis(osRelease)) return unknown(`the indexes of ${system.id} are not read`);
  if (packages.length === 0) return unknown('it has no packages');
  if (!packages.some(({ architecture }) => architecture === 'amd64')) return unknown('only amd64 is looked up');
  const wish = { release: system.version, components, suites, ...from };
  try {
    return { updates: await source.known(packages, wish, folders, { reporter, signal }), updatesUnknown: undefined };
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted' || error.code === 'host.tool-missing')
      throw error;
    return unknown(`${error.message}${error.where === undefined ? '' : ` (${error.where})`}`);
  }
};

const unknown = (updatesUnknown: string): PendingUpdates => ({ updates: undefined, updatesUnknown });

/** With whose each package is, as far as an index says. */
export const withOrigins = (
  inventory: FeedSubject['inventory'],
  updates: KnownUpdates | undefined,
): FeedSubject['inventory'] =>
  updates === undefined
    ? inventory
    : {
        ...inventory,
        packages: inventory.packages.map((one) => ({
          ...one,
          origin: updates.thirdParty.has(`${one.name} ${one.architecture}`) ? 'third-party' : 'vendor',
        })),
      };
