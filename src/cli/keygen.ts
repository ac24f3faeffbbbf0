/** `ingot keygen`. */
import { Option } from '@commander-js/extra-typings';
import { print } from './print.ts';
import { verb } from './verb.ts';

export const keygenCommand = () =>
  verb('keygen')
    .argument('<file>', 'the private key to write (PKCS #8, mode 0600); the public one is written beside it')
    .addOption(
      new Option('--kind <kind>', 'of the key').choices(['ed25519', 'p256'] as const).default('ed25519' as const),
    )
    .option('--passphrase <secret>', 'encrypt the key: env:NAME or file:PATH says where the passphrase is')
    .addHelpText('after', '\nExample:\n  ingot keygen release.key')
    .action(async (file, { kind, passphrase }) => {
      const { makeKey } = await import('../attest/keygen.ts');
      const { secretOf } = await import('../attest/signer.ts');
      const secret = passphrase === undefined ? undefined : await secretOf(passphrase, process.env);
      const made = await makeKey(file, kind, secret);
      print(
        [
          `${made.file}  the private key${secret === undefined ? ', NOT encrypted' : ', encrypted'}: keep it from others`,
          `${made.public}  the public key: give it to whoever verifies`,
          ...(made.minisign === undefined ? [] : [`${made.minisign}  the same for minisign`]),
          `key id ${made.id}`,
          `Next: ingot build RECIPE --sign ${made.file}; ingot verify out/NAME --key ${made.public}`,
          '',
        ].join('\n'),
      );
    });
