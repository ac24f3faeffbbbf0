/** The `variables` block of a recipe: what may be set from outside, with defaults. */
import { z } from 'zod';
import { text, variableValue } from './field-values.ts';

export type VariableValue = string | number | boolean;
export type Variables = Readonly<Record<string, VariableValue>>;

export const variablesSchema = z
  .record(
    text(/^[a-z][A-Za-z0-9_]*$/, 'a variable name: a letter, then letters, digits and _'),
    z.union([
      variableValue,
      z.strictObject({
        description: z.string().optional().meta({ description: 'What it is for; shown when it is not set.' }),
        default: variableValue
          .optional()
          .meta({ description: 'Value when it is not set; its type is the type of the variable.' }),
      }),
    ]),
  )
  .default({})
  .meta({
    description:
      'Values that may be set from outside: a default, or {description, default}. Without a default it has to be set.',
  });

export type Declaration = z.output<typeof variablesSchema>[string];
