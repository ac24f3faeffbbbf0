/** What is wrong with a document by CycloneDX's own schema, which its library carries. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

const folder = join(
  dirname(fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library/package.json'))),
  'res',
  'schema',
);

const schema = async (name: string): Promise<object> => {
  const found: unknown = JSON.parse(await readFile(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'));
  if (typeof found !== 'object' || found === null) throw new Error(`${name} is no schema`);
  return found;
};

export const cycloneDxFaults = async (document: unknown): Promise<string[]> => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // Those of addresses in any script, which what is written here is not.
  for (const name of ['iri-reference', 'idn-email']) ajv.addFormat(name, true);
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(await schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(await schema('bom-1.6'));
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
};
