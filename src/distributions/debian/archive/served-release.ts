/**
 * What a mirror serves at this moment. Of two indexes apt keeps the newer one that it has without a word, so that
 * a mirror which gives an old one would never be found out: this is fetched apart from it.
 */
import { join } from 'node:path';
import { temporaryFolder } from '../../../host/files.ts';
import { run } from '../../../host/run.ts';
import { APT_HELPER, type Apt, type AptContext, aptGetArguments } from './apt.ts';
import { type VerifiedSuite, verifySuite } from './verify-signature.ts';

/** Undefined when it cannot be fetched: apt has said, or will say, what is wrong there. */
export const servedRelease = async (
  { paths, mirrors, release }: Apt,
  suite: string,
  { signal }: AptContext,
): Promise<VerifiedSuite | undefined> => {
  const archive = release.suites.find(({ name }) => name === suite)?.archive ?? 'mirror';
  // apt would leave a link to a local file.
  const url = mirrors.urls[archive].replace(/^file:/, 'copy:');
  await using folder = await temporaryFolder('.served-', paths.cache);
  const file = join(folder.path, 'InRelease');
  const args = aptGetArguments(paths, ['download-file', `${url}/dists/${suite}/InRelease`, file]);
  const { exitCode } = await run(APT_HELPER, args, { allow: [100], signal });
  return exitCode === 0 ? await verifySuite(suite, file, paths.keyring, signal) : undefined;
};
