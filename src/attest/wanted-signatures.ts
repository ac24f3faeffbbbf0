/** What a policy may ask of the signatures over a finished folder, and of what they state. */
import { z } from 'zod';
import { isPredicateKind, PREDICATES } from '../formats/reports/predicates.ts';

export const wantedSignatures = z
  .strictObject({
    keys: z
      .array(
        z.strictObject({
          file: z
            .string()
            .min(1)
            .meta({ description: 'A public key (PEM, minisign or OpenPGP), relative to this file.' }),
          until: z.iso
            .date()
            .optional()
            .meta({ description: 'What is signed later does not count: by the time that the statement itself gives.' }),
        }),
      )
      .min(1)
      .optional()
      .meta({ description: 'Whose signatures count.' }),
    threshold: z.int().min(1).optional().meta({ description: 'How many of the keys have to have signed; 1.' }),
    require: z
      .array(z.string().refine(isPredicateKind, `one of ${Object.keys(PREDICATES).join(', ')}`))
      .min(1)
      .optional()
      .meta({ description: `Statements that have to be there: ${Object.keys(PREDICATES).join(', ')}.` }),
    builders: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: 'Builders whose provenance counts, by their id; any when absent.' }),
    predicates: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: 'Further kinds of statements that are accepted, by their URI.' }),
  })
  .meta({
    description: 'Who has to have signed a finished folder, and what has to be stated in it: for `ingot verify`.',
  });

export type WantedSignatures = z.output<typeof wantedSignatures>;
