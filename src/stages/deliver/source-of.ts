/**
 * Where a recipe is kept, when it lies in a Git work tree as it was committed. Git is only asked for names: a command that
 * reads the work tree would run what a foreign repository configures.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { run } from '../../host/run.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { withoutUrlSecrets } from '../../recipe/secrets/url-secrets.ts';

export interface RecipeSource {
  /** `git+https://host/project@COMMIT` */
  readonly uri: string;
  readonly commit: string;
}

/** Undefined outside of a work tree, without a remote, and for a recipe that was changed since. */
export const sourceOf = async ({ path, folder, text }: LoadedRecipe): Promise<RecipeSource | undefined> => {
  const [commit, committed, remote] = await Promise.all([
    git(folder, 'rev-parse', 'HEAD'),
    git(folder, 'rev-parse', `HEAD:./${basename(path)}`),
    git(folder, 'config', '--get', 'remote.origin.url'),
  ]);
  if (commit === undefined || committed !== blobName(text, committed)) return undefined;
  const place = remote === undefined ? undefined : addressOf(remote);
  return place === undefined ? undefined : { uri: `git+${place}@${commit}`, commit };
};

/** As a URL; a path of this host is of no use to others. */
const addressOf = (remote: string): string | undefined => {
  if (/^(https?|ssh|git):\/\//.test(remote)) return withoutUrlSecrets(remote);
  const [, host, path] = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(remote) ?? [];
  return host === undefined || path === undefined ? undefined : `ssh://${host}/${path.replace(/^\//, '')}`;
};

/** As Git names a file's content, with the algorithm of the repository. */
const blobName = (text: string, like: string | undefined): string => {
  const bytes = Buffer.from(text);
  const hash = createHash(like?.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
};

const git = async (folder: string, ...args: string[]): Promise<string | undefined> => {
  const found = await run('git', ['-C', folder, ...args], { allow: [0, 1, 128] }).catch(() => undefined);
  return found?.exitCode === 0 && found.stdout !== '' ? found.stdout : undefined;
};
