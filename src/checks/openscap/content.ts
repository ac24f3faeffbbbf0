/** SCAP content that a check names: a source data stream or a benchmark in XML, of which only names and titles are read here. */
import { IngotError } from '../../errors.ts';

export interface RuleText {
  readonly title: string;
  /** `low`, `medium`, `high`, `info`, `unknown`. */
  readonly severity: string;
}

const PROFILE = /<(?:[\w.-]+:)?Profile\s(?:[^>]*?\s)?id="([^"]+)"/g;
const RULE =
  /<(?:[\w.-]+:)?Rule\s([^>]*)>(?:(?!<\/(?:[\w.-]+:)?Rule>)[\s\S])*?<(?:[\w.-]+:)?title[^>]*>([\s\S]*?)<\/(?:[\w.-]+:)?title>/g;

/** Ids of all profiles, in the order of the content, each once. */
export const profilesOf = (...texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => [...text.matchAll(PROFILE)].map(([, id = '']) => id))),
];

/** What rules are called, by their ids. */
export const ruleTexts = (text: string): ReadonlyMap<string, RuleText> =>
  new Map(
    [...text.matchAll(RULE)].map(([, attributes = '', title = '']) => {
      const of = (name: string) => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
      return [of('id'), { title: plain(title), severity: of('severity') || 'unknown' }];
    }),
  );

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const plain = (xml: string): string =>
  xml
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** `xccdf_org.ssgproject.content_rule_sshd_disable_root_login`: its last part is what people say. */
export const shortName = (id: string): string =>
  id.replace(/^xccdf_[^_]+_(rule|profile)_/, '').replace(/^.*content_(rule|profile)_/, '');

/**
 * The whole id of a profile that is named by it or by its last part. Throws `recipe.openscap` where there is none, or several.
 * `where`: the content, as the recipe names it.
 */
export const wholeProfile = (named: string, texts: readonly string[], where: string): string => {
  const all = profilesOf(...texts);
  if (all.length === 0)
    throw new IngotError('recipe.openscap', 'the SCAP content has no profiles', {
      where,
      hint: 'Name a source data stream or a benchmark (XCCDF), such as ssg-debian12-ds.xml.',
    });
  const found = all.filter((id) => id === named || shortName(id) === named);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new IngotError(
    'recipe.openscap',
    only ? `several profiles are called ${named}` : `there is no profile ${named}`,
    {
      where,
      hint: `Its profiles: ${(only ? found : all.map(shortName)).join(', ')}.`,
    },
  );
};
