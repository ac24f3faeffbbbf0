/** `ingot policy`: to start one, to check one, and the form for editors. */
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import { print } from '../print.ts';
import { verb } from '../verb.ts';
import { writeNew } from '../write-new.ts';

export const policyCommand = () =>
  verb('policy')
    .addCommand(initCommand())
    .addCommand(checkCommand())
    .addCommand(listCommand())
    .addCommand(schemaCommand())
    .addHelpText(
      'after',
      '\nExamples:\n  ingot policy init ours.yaml\n  ingot policy check ours.yaml\n\nAn image is held against a policy by `ingot check`, and by `policy:` in its recipe.',
    );

const initCommand = () =>
  new Command('init')
    .description('Write a policy to start from: a ready one with its comments, or one that begins with it.')
    .argument('[file]', 'the file to write', 'policy.yaml')
    .option('--from <name>', 'the ready policy to copy in full, to be changed')
    .option('--force', 'replace an existing file', false)
    .addHelpText('after', '\nExample:\n  ingot policy init ours.yaml --from server-hardened')
    .action(async (file, { from, force }) => {
      const { initialPolicy } = await import('../../policy/initial-policy.ts');
      await writeNew(file, await initialPolicy(from), force);
      print(`${file} written. Next: ingot policy check ${file}\n`);
    });

const checkCommand = () =>
  new Command('check')
    .description('Check a policy itself: its form, its includes, its waivers. No image is looked at.')
    .argument('<name|file>', 'a ready policy, or a file')
    .action(async (name) => {
      const { readPolicy } = await import('../../policy/read-policy.ts');
      const { policy } = await readPolicy(name);
      const { waivers = [], ...parts } = policy;
      const today = new Date().toISOString().slice(0, 10);
      const over = waivers.filter(({ until }) => until < today);
      if (over.length > 0)
        throw new IngotError('policy.waiver-over', `${over.length} of its waivers are over`, {
          where: name,
          detail: over.map(({ rule, until, reason }) => `${rule}, until ${until}: ${reason}`).join('\n'),
          hint: 'Mend what each was for and remove it, or decide anew until when.',
        });
      print(
        `${name}: valid; judges ${Object.keys(parts).join(', ') || 'nothing'}; ${waivers.length} ${waivers.length === 1 ? 'waiver' : 'waivers'}\n`,
      );
    });

const listCommand = () =>
  new Command('list').description('List the policies that come with Ingot.').action(async () => {
    const { READY } = await import('../../policy/ready.ts');
    const names = Object.entries(READY);
    print(names.map(([name, what]) => `${name.padEnd(17)}${what}\n`).join(''));
  });

const schemaCommand = () =>
  new Command('schema').description("Print the policy's JSON Schema, for editors.").action(async () => {
    const { policyJsonSchema } = await import('../../policy/policy-json-schema.ts');
    print(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  });
