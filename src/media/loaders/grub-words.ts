/** Words of GRUB's scripts: their variables, and what those of `search` ask for. */
import type { GrubToken } from '../menus/grub-lexer.ts';

/** `$name` and `${name}`, except in single quotes. */
export const expanded = ({ raw, value }: GrubToken, variables: ReadonlyMap<string, string>): string =>
  raw.startsWith("'")
    ? value
    : value.replaceAll(
        /\$(?:\{([^}]*)\}|([A-Za-z_]\w*|[?#@*\d]))/g,
        (_, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? '',
      );

export interface Search {
  readonly kind: 'file' | 'label' | 'uuid';
  readonly variable: string;
  readonly what: string;
}

/** grub-core/commands/search_wrap.c; `search.file NAME VARIABLE` and its like are what cores have. */
export const searchOf = (name: string, words: readonly string[]): Search => {
  const [, own] = /^search\.(?:fs_)?(file|label|uuid)$/.exec(name) ?? [];
  const plain = words.filter((word) => !word.startsWith('-'));
  if (own !== undefined) return { kind: own as Search['kind'], variable: plain[1] ?? 'root', what: plain[0] ?? '' };
  let kind: Search['kind'] = 'file';
  let variable = 'root';
  let what = '';
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '-f' || word === '--file') kind = 'file';
    else if (/^(-l|--label|--fs-label)$/.test(word)) kind = 'label';
    else if (/^(-u|--fs-uuid)$/.test(word)) kind = 'uuid';
    else if (word.startsWith('--set=')) variable = word.slice('--set='.length);
    else if (word === '--hint' || word === '-h') index++;
    // A name after `--set` is what is searched for when nothing else is.
    else if (word === '-s' || word === '--set') {
      const isLast = words.slice(index + 1).filter((one) => !one.startsWith('-')).length <= 1;
      if (!isLast && !words[index + 1]?.startsWith('-')) variable = words[++index] ?? variable;
    } else if (!word.startsWith('-')) what ||= word;
  }
  return { kind, variable, what };
};
