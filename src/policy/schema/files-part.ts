/** Files: what may not be there, what has to be, and how. */
import { z } from 'zod';
import { text } from '../../recipe/schema/field-values.ts';
import { sourceFault } from '../../recipe/schema/text-pattern.ts';
import { forbidden, globs, octal } from './fields.ts';

const expression = z
  .string()
  .min(1)
  .superRefine((source, context) => {
    const message = sourceFault(source);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const file = z.strictObject({
  path: text(/^\//, 'an absolute path in the image'),
  mode: octal.optional().meta({ description: 'Exactly these permissions.' }),
  mostMode: octal.optional().meta({ description: 'These permissions or fewer.' }),
  owner: text(/^[^:\s]+(:[^:\s]+)?$/, 'an owner: root, or root:shadow').optional(),
  contains: expression.optional().meta({ description: 'A regular expression that a line has to match.' }),
  lacks: expression.optional().meta({ description: 'A regular expression that no line may match.' }),
  optional: z.boolean().optional().meta({ description: 'The file may be missing.' }),
});

export const files = z
  .strictObject({
    forbid: globs('Paths that may not be there; `*` within a folder, `**` across folders.').optional(),
    require: z.array(file).min(1).optional().meta({ description: 'Files that have to be there, and how.' }),
    unexplained: z
      .strictObject({
        most: z.int().min(0).meta({ description: 'How many there may be.' }),
        allow: globs('Paths that do not count.').optional(),
      })
      .optional()
      .meta({ description: 'Files that no package has and that nothing known makes.' }),
    worldWritable: z
      .strictObject({ allow: globs('Paths that may be.').optional() })
      .optional()
      .meta({ description: 'No file may be written by everybody, and no folder without its sticky bit.' }),
    withoutOwner: forbidden
      .optional()
      .meta({ description: 'Every file belongs to an account and a group that exist.' }),
    privateKeys: z
      .strictObject({ allow: globs('Paths that may hold one.').optional() })
      .optional()
      .meta({ description: 'No private keys, which all clones would share.' }),
  })
  .meta({ description: 'Files of the system.' });
