/** `ingot schema`: the recipe's JSON Schema, for editors. */
import { Command } from '@commander-js/extra-typings';

export const schemaCommand = () =>
  new Command('schema')
    .description("Print the recipe's JSON Schema.")
    .addHelpText('after', '\nExample:\n  ingot schema > recipe.schema.json')
    .action(async () => {
      const { recipeJsonSchema } = await import('../recipe/json-schema.ts');
      process.stdout.write(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
    });
