/** `ingot reproduce`: the image of a finished folder once more, and whether it is the same. */
import { join, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { VERDICT_STATUS, verdictOf } from '../judgement.ts';
import { madeAgain } from './made-again.ts';
import { withScreen, withStore, withVariables } from './options.ts';
import { print } from './print.ts';
import { interruptible } from './signals.ts';
import { verb } from './verb.ts';

export const reproduceCommand = () =>
  withScreen(withStore(withVariables(verb('reproduce'))))
    .argument('<folder>', 'a finished folder: out/web')
    .option('--recipe <file>', 'its recipe, to build it again')
    .option('--with <folder>', 'a second finished folder in place of a build')
    .option('--work <folder>', 'where it is built again, in a store of its own (default: FOLDER.again)')
    .addHelpText(
      'after',
      '\nExamples:\n  ingot reproduce out/web --recipe web.yaml\n  ingot reproduce out/web --with /mnt/other-host/web\n\nCompared are the packages, then every file, then the bits. Exit status: 0 they are the same, 1 they are not, 2 it could not be judged.',
    )
    .action(async (folder, options) => {
      const before = await finished(folder);
      const other = options.with ?? (await madeAgain(before, options));
      // The screen has said why.
      if (other === undefined) {
        process.exitCode = VERDICT_STATUS.unjudged;
        return;
      }
      using interruption = interruptible();
      const checks = await compared(before, await finished(other), interruption.signal);
      const { verifiedText } = await import('./verify/verified-text.ts');
      const found = { verdict: verdictOf(checks.map(({ verdict }) => verdict)), checks };
      print(
        `${options.json ? JSON.stringify({ before: before.folder, after: resolve(other), ...found }) : verifiedText(folder, found)}\n`,
      );
      process.exitCode = VERDICT_STATUS[found.verdict];
    });

/** A finished folder, with its manifest. */
type Finished = Awaited<ReturnType<typeof finished>>;

const finished = async (folder: string) => {
  const { openContext } = await import('../attest/verify-context.ts');
  const { readExpected } = await import('../attest/expected.ts');
  // Nobody's signature is asked for here.
  const context = await openContext(folder, await readExpected([], undefined));
  const { manifest } = context;
  if (manifest !== undefined && context.images.length > 0) return { ...context, manifest };
  throw new IngotError('usage.no-image-folder', 'this is not the folder of a finished image', {
    where: folder,
    hint: 'Name one that `ingot build` has made: it has a manifest.json and the images that are named there.',
  });
};

const compared = async (before: Finished, after: Finished, signal: AbortSignal) => {
  const { openSubject } = await import('../distributions/open-subject.ts');
  const { reproduction, unreadable } = await import('../inspect/reproduction.ts');
  const pairs = await Promise.all(
    before.manifest.images.map(async ({ file, format }) => {
      const other = after.manifest.images.find((one) => one.format === format);
      return {
        format,
        file,
        before: await before.digest(file),
        after: other && (await after.digest(other.file)),
      };
    }),
  );
  // A raw one tells which file a block belongs to.
  const [first, second] = [before, after].map(({ folder, manifest: { images } }) => {
    const image = images.find(({ format }) => format === 'raw') ?? images[0];
    return join(folder, image?.file ?? '');
  });
  try {
    await using one = await openSubject(first ?? '', signal);
    await using other = await openSubject(second ?? '', signal);
    return await reproduction(one, other, pairs, signal);
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    return unreadable(`${error.message} (${error.code})`, pairs);
  }
};
