/** Recipes that begin with a disk image: what can be said of them, and recipes over recipes. */
import t from 'tap';
import { imageStages, mediumStages } from '../../src/plan.ts';
import { failure, load } from './helpers.ts';

const OS = 'name: test\nos: {family: debian, release: "12"}\n';
const IMAGE = `${OS}origin: {image: disk.qcow2}\n`;
const files = { 'disk.qcow2': 'x' };
const DIGEST = 'a'.repeat(64);

const WRONG: Readonly<Record<string, readonly [yaml: string, expected: string]>> = {
  'an image that is not there': [`${OS}origin: {image: other.qcow2}\n`, 'origin.image: there is no file at'],
  'a URL without a digest': [
    `${OS}origin: {image: https://a.example.org/x.qcow2}\n`,
    'origin.sha256: missing, expected a SHA-256',
  ],
  'a URL without https': [
    `${OS}origin: {image: http://a.example.org/x.qcow2}\n`,
    'origin.image: expected the path of a disk image',
  ],
  'two digests': [
    `${OS}origin: {image: disk.qcow2, sha256: "${DIGEST}", sha512: "${DIGEST}${DIGEST}"}\n`,
    'only one of sha256 and sha512',
  ],
  'an unknown format': [
    `${OS}origin: {image: disk.qcow2, format: qcow}\n`,
    'origin.format: expected one of qcow2, raw, vmdk',
  ],
  'a format that nothing says': [
    `${OS}origin: {image: "https://a.example.org/get?id=3", sha256: "${DIGEST}"}\n`,
    'origin.image: neither its name nor `format` says the format of the image',
  ],
  'another format than its name says': [
    `${OS}origin: {image: "https://a.example.org/x.qcow2.xz?mirror=2", format: raw, sha256: "${DIGEST}"}\n`,
    'origin.image: the image is not of the format that is named: its name says qcow2, the recipe raw',
  ],
  'an unknown way in': [
    `${OS}origin: {image: disk.qcow2, access: ssh}\n`,
    'origin.access: expected auto, cloud-init, credential or offline',
  ],
  'an image and an ISO': [`${OS}origin: {image: disk.qcow2, iso: x.iso}\n`, 'iso and image exclude each other'],
  'a recipe with a digest': [
    `${OS}origin: {image: {recipe: disk.qcow2}, sha256: "${DIGEST}"}\n`,
    'the image of a recipe needs no digest',
  ],
  'a layout of the disk': [
    `${IMAGE}answers: {disk: {swap: 1G}}\n`,
    'answers.disk: is not for a build that starts from a disk image',
  ],
  'a script for an installer': [`${IMAGE}answers: {late: {script: "true"}}\n`, 'answers.late: is not for a build'],
  'a medium': [`${IMAGE}capture: {medium: true}\n`, 'capture.medium: is not for a build'],
  'something on a medium': [`${IMAGE}media: {start: now}\n`, 'media.start: is not for a build'],
  'a layer that is raw': [`${IMAGE}capture: {thin: true, formats: [raw]}\n`, 'capture.thin: a layer has to be a qcow2'],
  'a layer over nothing': [
    `${OS}origin: {assemble: debian}\ncapture: {thin: true}\n`,
    'capture.thin: there is no image below this one',
  ],
  'the same bits of an image without a lock': [
    `${IMAGE}capture: {reproducible: true}\n`,
    'capture.reproducible: the date of the image comes from a lock',
  ],
  'the same bits of logical volumes': [
    `${OS}origin: {assemble: debian}\nanswers: {disk: {layout: lvm}}\ncapture: {reproducible: true}\n`,
    'capture.reproducible: only ext4 on plain partitions can be rebuilt, not the layout lvm',
  ],
};

t.test('what cannot be said of an image is told with its place', async (t) => {
  for (const [name, [yaml, expected]] of Object.entries(WRONG))
    await t.test(name, async (t) => {
      const { code, text } = await failure(t, yaml, { files });
      t.equal(code, 'recipe.invalid');
      t.ok(text.includes(expected), `\n${text}\n--- expected\n${expected}`);
    });
});

t.test('what a recipe says is told apart from defaults', async (t) => {
  const { stated, recipe } = await load(t, `${IMAGE}answers: {hostname: debian}\nmachine: {disk: 8G}\n`, { files });
  t.ok(stated.has('answers.hostname'), 'the default, in so many words');
  t.notOk(stated.has('answers.timezone'));
  t.ok(stated.has('machine.disk'));
  t.notOk(stated.has('machine.memory'));
  t.equal(recipe.answers.timezone, 'Etc/UTC');
});

t.test('an image of another recipe: its stages come first, with its name', async (t) => {
  const middle = `${OS.replace('test', 'middle')}origin: {image: {recipe: base.yaml, variables: {x: 2}}}\n`;
  const base = `${OS.replace('test', 'base')}variables: {x: "1"}\norigin: {image: disk.qcow2}\nanswers: {hostname: "h-\${var:x}"}\n`;
  const over = { ...files, 'middle.yaml': middle, 'base.yaml': base };
  const top = `${OS}origin: {image: {recipe: middle.yaml}}\n`;
  const loaded = await load(t, top, { files: over });
  t.equal(loaded.parent?.parent?.recipe.answers.hostname, 'h-2');
  t.same(imageStages(loaded), [
    ...['obtain', 'prepare', 'configure', 'capture'].map((stage) => `middle: base: ${stage}`),
    ...['prepare', 'configure', 'capture'].map((stage) => `middle: ${stage}`),
    ...['prepare', 'configure', 'capture', 'trust'],
  ]);
  t.throws(() => mediumStages(loaded), { code: 'recipe.unsupported' });
  const other = await load(t, top, { files: { ...over, 'base.yaml': `${base}machine: {disk: 9G}\n` } });
  t.not(other.digest, loaded.digest, 'what is below counts');
});

t.test('recipes below that cannot be', async (t) => {
  const top = `${OS}origin: {image: {recipe: other.yaml}}\n`;
  const codeOf = async (other: string) => (await failure(t, top, { files: { ...files, 'other.yaml': other } })).code;
  t.equal(await codeOf(`${OS}origin: {image: {recipe: recipe.yaml}}\n`), 'recipe.circle');
  t.equal(await codeOf(`${OS}origin: {image: {recipe: other.yaml}}\n`), 'recipe.circle');
  t.equal(await codeOf(`${IMAGE.replace('"12"', '"13"')}`), 'recipe.invalid', 'another system');
  t.equal(await codeOf(`${IMAGE}capture: {thin: true}\n`), 'recipe.unsupported', 'a layer itself');
  const { text } = await failure(t, top, { files: { ...files, 'other.yaml': `${IMAGE}machin: {}\n` } });
  t.match(text, /other\.yaml/);
});
