/** Where vulnerabilities are looked up, as the command line says it: feeds, and the vendor's indexes of today. */
import { join, resolve } from 'node:path';
import type { UpdatesFrom } from '../../distributions/pending-updates.ts';
import { defaultStoreFolder, openStore } from '../../pipeline/store.ts';
import { silentReporter } from '../../report.ts';
import type { VulnerabilitySources } from '../../stages/policy/look-for-vulnerabilities.ts';
import type { UpdateFolders } from '../../vulns/updates.ts';
import { say } from '../print.ts';

interface SourceOptions extends UpdatesFrom {
  readonly feeds?: string | undefined;
  readonly updates: boolean;
  readonly store?: string | undefined;
}

export const sourcesOf = async (options: SourceOptions): Promise<VulnerabilitySources> => ({
  feeds: options.feeds === undefined ? undefined : resolve(options.feeds),
  updates: options.updates
    ? { from: updatesFrom(options), folders: await updateFolders(options.store), reporter: notesAlone }
    : undefined,
});

export const updatesFrom = ({ mirror, securityMirror, keyring }: UpdatesFrom): UpdatesFrom => ({
  mirror,
  securityMirror,
  keyring,
});

export const updateFolders = async (named: string | undefined): Promise<UpdateFolders> => {
  const store = await openStore(resolve(named ?? defaultStoreFolder()));
  return { state: join(store.shared('host'), 'apt'), packages: store.shared('packages') };
};

export const notesAlone = { ...silentReporter, note: say };
