/** partman-auto/expert_recipe: syntax, and what the other files of its name look at. */
import { answerTo, type Check, hasPlaceholder, shownValue } from '../check.ts';
import { parseRecipe, type RecipeFault, type RecipeWord } from '../recipe-syntax.ts';
import { checkMountPoints, checkRoom } from './recipe-layout.ts';
import { checkLimits, type TellLimit } from './recipe-limits.ts';
import { RECIPE_RULES } from './recipe-rules.ts';
import { checkSpecifiers, INTERNAL } from './recipe-specifiers.ts';

const { syntax } = RECIPE_RULES;

export const recipe: Check = {
  rules: Object.values(RECIPE_RULES),
  look(file, report, context) {
    const answer = answerTo(file, 'partman-auto/expert_recipe');
    if (!answer || answer.value.text.length > 100_000) return;
    const text = answer.value.text;
    if (text.trim() === '' || hasPlaceholder(text.replaceAll(OWN, ''))) return;
    const tell: TellLimit = (rule, word, message, more) =>
      report(rule, answer.placeInValue(word.at, word.text.length), message, more);
    const parsed = parseRecipe(text);
    for (const fault of parsed.faults) tellFault(fault, tell);
    for (const partition of parsed.partitions) {
      checkLimits(partition, tell);
      checkSpecifiers(partition, tell);
    }
    const whole: RecipeWord = { text: '', at: 0 };
    checkMountPoints(file, parsed, tell, parsed.partitions[0]?.first ?? whole);
    checkRoom(file, parsed, context, tell, parsed.partitions[0]?.first ?? whole);
  },
};

/** The recipe's own words with a $: no place holders. */
const OWN = new RegExp(`\\\\?\\$(?:[a-z_]+\\{|(?:${INTERNAL.map((name) => name.slice(1)).join('|')})\\b)`, 'g');

const tellFault = ({ kind, word }: RecipeFault, tell: TellLimit): void => {
  const { text } = word;
  if (kind === 'no-header') {
    tell(syntax, word, `the recipe does not begin with a name and \`::\` but with ${shownValue(text)}`, {
      hint: 'Write `NAME ::`, with blanks around the colons.',
    });
  } else if (kind === 'unended') {
    // An answer that was joined to the recipe is told of where it stands.
    if (text === 'd-i') return;
    tell(syntax, word, 'this last partition has no `.` at its end and is dropped', {
      hint: 'End it with a `.`, with a blank before.',
    });
  } else if (kind === 'lost-end') {
    tell(syntax, word, 'a next partition begins here, but no `.` ends the one before: the two become one', {
      hint: 'End the partition before with a `.`, with blanks around it.',
    });
  } else if (kind === 'blank-before-brace') {
    tell(syntax, word, `a blank before the brace: ${text} is passed over`, {
      hint: `Write \`${text}{ … }\`.`,
      severity: ESSENTIAL.has(text) ? undefined : 'warning',
    });
  } else if (kind === 'unclosed') {
    tell(syntax, word, `${shownValue(text)} has no \`}\` of its own`, {
      hint: `Write \`${text} … }\`, with blanks inside.`,
    });
  } else if (/^\S+\{.*\}?$/.test(text)) {
    const [, name = '', content = ''] = /^([^{]+)\{([^}]*)\}?/.exec(text) ?? [];
    const counts = SEARCHED.has(`${name}{`);
    const message = `${shownValue(text)} ${counts ? 'counts, although' : 'is passed over:'} there have to be blanks inside of the braces`;
    tell(syntax, word, message, {
      severity: counts ? 'info' : ESSENTIAL.has(name) ? undefined : 'warning',
      hint: `Write \`${name}{ ${content === '' ? '' : `${content} `}}\`.`,
      ...(/^[^{]+\{[^}]*\}$/.test(text) && { replacement: `${name}{ ${content === '' ? '' : `${content} `}}` }),
    });
  } else if (text.endsWith('}.') || text.endsWith('}')) {
    tell(syntax, word, `${shownValue(text)}: braces and the \`.\` stand alone, with blanks around them`);
  } else {
    tell(syntax, word, `${shownValue(text)} is no specifier and passed over`, {
      severity: SEARCHED.has(text) ? 'info' : ESSENTIAL.has(text) || text === '{' ? undefined : 'warning',
      hint: text === '{' ? 'There is no blank before a brace: `method{`.' : 'A specifier has braces: `format{ }`.',
    });
  }
};

/** The installer looks for them as a text, wherever it stands. */
const SEARCHED: ReadonlySet<string> = new Set([
  '$defaultignore',
  '$lvmignore',
  '$defaultignore{',
  '$lvmignore{',
  '$primary{',
  '$lvmok{',
  '$reusemethod{',
]);

/** Without them a partition is not what it is meant to be; without others it is. */
const ESSENTIAL: ReadonlySet<string> = new Set([
  'method',
  'format',
  'use_filesystem',
  'filesystem',
  'mountpoint',
  '$lvmok',
]);
