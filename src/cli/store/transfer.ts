/** `ingot store export` and `import`: results carried from one store to another, to rebuild where no network is. */
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import type { StoredEntry } from '../../pipeline/inventory.ts';
import type { Store } from '../../pipeline/store.ts';
import { bytes } from '../../ui/format.ts';
import { withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { entryBy, entryLine, openStoreFolder, totalSize } from './common.ts';

export const exportCommand = () =>
  withStore(withVariables(new Command('export')))
    .description('Write results to a tar archive that another store can import.')
    .argument('<file>', 'the archive to write')
    .argument('[digests...]', 'digests of results, or their starts (default: all)')
    .option('--recipe <file>', 'only results that a build of this recipe would use')
    .option('--with-secrets', 'also results that can hold secrets: media and disks with password hashes', false)
    .addHelpText('after', '\nExample:\n  ingot store export web.tar --recipe web.yaml')
    .action(async (file, digests, options) => {
      const { closureOf, exportEntries } = await import('../../pipeline/export.ts');
      const { folder, store } = await openStoreFolder(options.store);
      using interruption = interruptible();
      await using _ = await store.inUse(interruption.signal);
      const wanted = await wantedEntries(store, digests, options);
      const { entries, left } = await closureOf(folder, wanted);
      const secret = entries.filter(({ holdsSecrets }) => holdsSecrets);
      if (secret.length > 0 && digests.length > 0 && !options.withSecrets) throw refused(secret);
      const going = options.withSecrets ? entries : entries.filter(({ holdsSecrets }) => !holdsSecrets);
      if (going.length === 0) {
        throw new IngotError('usage.nothing-to-export', 'there is nothing to export', {
          where: folder,
          hint:
            secret.length > 0
              ? '--with-secrets also takes what can hold secrets.'
              : '`ingot store list` shows what there is.',
        });
      }
      const { size, sha256 } = await exportEntries(folder, going, file, interruption.signal);
      const tell = (text: string) => print(`${text}\n`);
      for (const entry of going) tell(entryLine(entry));
      for (const { entry, why } of left) tell(`left out: ${entry.stage} ${entry.digest.slice(0, 12)} ${why}`);
      if (!options.withSecrets && secret.length > 0)
        tell(`left out: ${secret.length} results that can hold secrets; --with-secrets takes them too`);
      tell(`${file}: ${going.length} results, ${bytes(totalSize(going))} as ${bytes(size)}, sha256 ${sha256}`);
    });

const refused = (secret: readonly StoredEntry[]): IngotError =>
  new IngotError('store.holds-secrets', `${secret.length} of these results can hold secrets`, {
    detail: secret.map(entryLine).join('\n'),
    hint: '--with-secrets exports them too: then whoever has the archive has the password hashes in it.',
  });

interface Wanted {
  readonly recipe?: string | undefined;
  readonly var: Readonly<Record<string, string>>;
}

const wantedEntries = async (store: Store, digests: readonly string[], options: Wanted): Promise<StoredEntry[]> => {
  const { listEntries } = await import('../../pipeline/inventory.ts');
  const all = await listEntries(store.folder);
  if (options.recipe === undefined)
    return digests.length === 0 ? all : digests.map((digest) => entryBy(all, digest, store.folder));
  const { loadRecipe } = await import('../../recipe/load.ts');
  const { explainBuild } = await import('../../pipeline/explain.ts');
  const { imageStages, makeImage } = await import('../../plan.ts');
  const loaded = await loadRecipe(options.recipe, { variables: options.var, env: process.env });
  const found = await explainBuild(store, imageStages(loaded), (walker) => makeImage(loaded, walker));
  const used = new Set([...digests, ...found.flatMap((one) => (one.state === 'cached' ? [one.digest] : []))]);
  return all.filter(({ digest }) => used.has(digest));
};

export const importCommand = () =>
  withStore(new Command('import'))
    .description('Import the results of an export; each is checked by its digests. Import only what you trust.')
    .argument('<file>', 'an archive of `ingot store export`')
    .addHelpText('after', '\nExample:\n  ingot store import web.tar')
    .action(async (file, options) => {
      const { importEntries } = await import('../../pipeline/import.ts');
      const { store } = await openStoreFolder(options.store);
      using interruption = interruptible();
      await using _ = await store.inUse(interruption.signal);
      const { taken, known } = await importEntries(store, file, interruption.signal);
      for (const { stage, digest } of taken) print(`${stage.padEnd(16)} ${digest.slice(0, 12)}\n`);
      print(`${taken.length} results imported, ${known} were there already\n`);
    });
