/** What is wrong with a feed: it came from elsewhere, and is never trusted to be well formed. */
import { IngotError, messageOf } from '../../errors.ts';

export const FETCH_AGAIN = 'Fetch it again with `ingot vulns fetch`; what is damaged says nothing of an image.';

export const invalidFeed = (where: string, detail: string, cause?: unknown): IngotError =>
  new IngotError('vulns.feed-invalid', 'the feed is not of the form that it should have', {
    where,
    detail,
    hint: FETCH_AGAIN,
    cause,
  });

export const tooLargeFeed = (where: string, what: string): IngotError =>
  new IngotError('vulns.feed-too-large', `the feed is larger than any real one: ${what}`, { where, hint: FETCH_AGAIN });

/** JSON of a part of it. */
export const parsedJson = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidFeed(where, messageOf(error), error);
  }
};
