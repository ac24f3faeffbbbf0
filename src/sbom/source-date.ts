/** SOURCE_DATE_EPOCH (reproducible-builds.org): the time that what is made today is to say. */
import { IngotError } from '../errors.ts';

/** ISO 8601; undefined where it is not set. Throws `usage.source-date`. */
export const sourceDate = ({ SOURCE_DATE_EPOCH: text }: NodeJS.ProcessEnv): string | undefined => {
  if (text === undefined || text === '') return undefined;
  const date = new Date(/^\d{1,12}$/.test(text) ? Number(text) * 1000 : Number.NaN);
  if (!Number.isNaN(date.valueOf())) return date.toISOString();
  throw new IngotError('usage.source-date', `SOURCE_DATE_EPOCH is no time: ${text}`, {
    hint: 'It is a number of seconds since 1970; leave it unset for the time of the build.',
  });
};
