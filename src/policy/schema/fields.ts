/** Values that several parts of a policy have. */
import { z } from 'zod';
import { text } from '../../recipe/schema/field-values.ts';

export const globs = (what: string) =>
  z.array(z.string().min(1)).min(1, 'a list with at least one entry').meta({ description: what });
export const forbidden = z.literal('forbid');
export const bytes = text(/^\d+(\.\d+)?[KMGT]$/, 'a size such as 512M or 8G');
export const day = text(/^\d{4}-\d\d-\d\d$/, 'a day such as 2026-12-31').refine(
  (value) => !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value),
  'a day that the calendar has, such as 2026-12-31',
);
export const octal = text(/^[0-7]{3,4}$/, 'permissions in octal, quoted: "0644"');
