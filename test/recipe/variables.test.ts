// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the recipe's own syntax
import t from 'tap';
import { failure, HEAD, load } from './helpers.ts';

const BLOCK = `${HEAD}variables:
  size: 4G
  cpus: 2
  open: false
  who: {description: who may log in}
`;

t.test('command line before environment before default', async (t) => {
  const yaml = `${BLOCK}description: \${var:size} for \${var:who}\n`;
  const described = async (variables: Record<string, string>, env: Record<string, string> = {}) =>
    (await load(t, yaml, { variables, env })).recipe.description;
  t.equal(await described({ who: 'eva' }), '4G for eva');
  t.equal(await described({ who: 'eva' }, { INGOT_VAR_who: 'adam', INGOT_VAR_size: '5G' }), '5G for eva');
  t.equal(await described({}, { INGOT_VAR_who: 'adam' }), '4G for adam');
});

t.test('a value that is one reference has the type of the variable', async (t) => {
  const yaml = `${BLOCK}machine: {cpus: "\${var:cpus}", disk: "\${var:size}"}\ncapture:\n  medium: \${var:open}\n`;
  const first = await load(t, yaml, { variables: { who: 'a' } });
  t.match(first.recipe, { machine: { cpus: 2, disk: 4 * 2 ** 30 }, capture: { medium: false } });
  const second = await load(t, yaml, { variables: { who: 'a', cpus: '4', open: 'true' } });
  t.match(second.recipe, { machine: { cpus: 4 }, capture: { medium: true } });
  t.same(second.variables, { size: '4G', cpus: 4, open: true, who: 'a' });
  t.not(second.digest, first.digest);
});

t.test('only ${var:…} is replaced', async (t) => {
  const script = 'echo $HOME ${HOME} $${var:size} ${var:size}';
  const { recipe } = await load(t, `${BLOCK}configure:\n  - run: {script: '${script}'}\n`, { variables: { who: 'a' } });
  t.match(recipe.configure[0], { run: { script: 'echo $HOME ${HOME} ${var:size} 4G' } });
});

t.test('what is wrong with variables', async (t) => {
  const cases: Readonly<Record<string, readonly [yaml: string, variables: Record<string, string>, expected: RegExp]>> =
    {
      'not set': [
        '',
        {},
        /^recipe\.yaml:8:3: variables\.who: not set \(who may log in\)[\s\S]*Set it with --var who=/m,
      ],
      'unknown on the command line': [
        '',
        { who: 'a', siez: '1G' },
        /--var siez: no such variable[\s\S]*Did you mean `size`\?/,
      ],
      'unknown in the recipe': [
        'machine:\n  disk: ${var:sizes}\n',
        { who: 'a' },
        /^recipe\.yaml:10:9: machine\.disk: no variable `sizes`[\s\S]*Did you mean `size`\?/m,
      ],
      'not a number': [
        '',
        { who: 'a', cpus: 'many' },
        /^recipe\.yaml:6:9: variables\.cpus: expected a number, was set to "many"/m,
      ],
      'not a boolean': ['', { who: 'a', open: 'yes' }, /variables\.open: expected true or false, was set to "yes"/],
      'a value that does not fit': [
        'machine:\n  disk: ${var:size}\n',
        { who: 'a', size: 'big' },
        /^recipe\.yaml:10:9: machine\.disk: expected a size[\s\S]*The variable `size` is set with --var size=/m,
      ],
      'unquoted in a flow collection': [
        'machine: {disk: ${var:size}}\n',
        { who: 'a' },
        /not valid YAML[\s\S]*has to be quoted/,
      ],
    };
  for (const [name, [yaml, variables, expected]] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      const { text, code } = await failure(t, BLOCK + yaml, { variables });
      t.equal(code, 'recipe.invalid');
      t.match(text, expected);
    });
  }
});

t.test('a missing variable does not make its field wrong as well', async (t) => {
  const { error } = await failure(t, `${BLOCK}machine:\n  disk: \${var:who}\n`);
  t.notMatch(error.detail, /machine\.disk/);
});

t.test('a wrong variables block', async (t) => {
  const { text } = await failure(t, `${HEAD}variables: {Key: 1, ok: {defalt: 2}, none: }\n`);
  t.match(text, /variables\.Key: expected a variable name/);
  t.match(text, /variables\.ok\.defalt: unknown key[\s\S]*Did you mean `default`\?/);
  t.match(text, /variables\.none: expected /);
  t.match((await failure(t, HEAD, { variables: { a: '1' } })).text, /no `variables` block/);
});
