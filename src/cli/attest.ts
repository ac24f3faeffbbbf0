/** `ingot attest`: what was found out about an image later, as a statement in its folder. */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { systemHint } from '../system-error.ts';
import { print } from './print.ts';
import { interruptible } from './signals.ts';
import { signingOf, withSigner } from './signing.ts';
import { verb } from './verb.ts';

export const attestCommand = () =>
  withSigner(verb('attest'))
    .argument('<folder|image>', 'a finished folder (out/web), or an image in one')
    .option(
      '--type <type>',
      'what kind of thing is stated: tests, vulnerabilities, egress, …, or a URI; where the file does not say it',
    )
    .requiredOption(
      '--predicate <file>',
      'what is stated: a JSON object of that kind, or what `--format in-toto` and `egress --predicate` write',
    )
    .option('--name <name>', 'of the files that are written: NAME.intoto.json', 'later')
    .addHelpText(
      'after',
      '\nExample:\n  ingot attest out/web --type tests --predicate results.json --name tests --sign release.key\n  ingot vulns out/web/web.qcow2 --feeds feeds --format in-toto > vulns.json\n  ingot attest out/web --predicate vulns.json --name vulnerabilities --sign release.key',
    )
    .action(async (target, options) => {
      const { readExpected } = await import('../attest/expected.ts');
      const { addAttestation } = await import('../attest/folder-attestation.ts');
      const { givenPredicate } = await import('../attest/given-predicate.ts');
      const { statementOf } = await import('../attest/statement.ts');
      const { openContext } = await import('../attest/verify-context.ts');
      using interruption = interruptible();
      const { signer } = await signingOf(options);
      if (!/^[\w.-]+$/.test(options.name))
        throw new IngotError('usage.attestation-name', 'the name has to be one of a file', {
          hint: 'Letters, digits, dots and hyphens.',
        });
      const { predicateType, predicate } = givenPredicate(await bytesOf(options.predicate), options);
      const context = await openContext(target, await readExpected([], undefined), interruption.signal);
      const named =
        context.image === undefined ? (context.manifest?.images.map(({ file }) => file) ?? []) : [context.image];
      const subjects = await Promise.all(
        named.map(async (name) => ({ name, digest: { sha256: (await context.digest(name)) ?? '' } })),
      );
      if (subjects.length === 0 || subjects.some(({ digest }) => digest.sha256 === ''))
        throw new IngotError('usage.no-such-file', 'the images that the statement would be about are not there', {
          where: target,
          hint: 'Name a finished folder, such as out/web, or an image in one.',
        });
      const statement = statementOf(subjects, predicateType, predicate);
      const written = await addAttestation(context.folder, `${options.name}.intoto`, statement, signer);
      print(
        `${written.join('\n')}\n${signer === undefined ? 'UNSIGNED: nobody vouches for it; --sign KEY does' : `signed by the key ${signer.public.id.slice(0, 16)}…`}\n`,
      );
    });

const bytesOf = async (path: string): Promise<Buffer> =>
  await readFile(path).catch((cause: unknown) => {
    throw new IngotError('usage.no-such-file', 'the predicate cannot be read', {
      where: path,
      hint: systemHint(cause),
      cause,
    });
  });
