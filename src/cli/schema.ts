/** `ingot schema`: the recipe's JSON Schema, for editors. */

import { print } from './print.ts';
import { verb } from './verb.ts';

export const schemaCommand = () =>
  verb('schema')
    .addHelpText('after', '\nExample:\n  ingot schema > recipe.schema.json')
    .action(async () => {
      const { recipeJsonSchema } = await import('../recipe/json-schema.ts');
      print(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
    });
