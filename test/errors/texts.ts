/** What an expression of the sources can say, as texts: `…` stands for what is put in, and for what is not known. */
import ts from 'typescript';

/** The value of a constant, looked for in the file first. */
export type Constants = (name: string, file: string) => ts.Expression | undefined;

export const UNKNOWN = '…';

/** All that it can be: both sides of a choice. Empty for `none('why')`. */
export const textsOf = (part: ts.Expression | undefined, file: string, constants: Constants): string[] => {
  const again = (inner: ts.Expression | undefined) => textsOf(inner, file, constants);
  if (part === undefined) return [UNKNOWN];
  if (isNone(part)) return [];
  if (ts.isStringLiteralLike(part)) return [part.text.replaceAll(/:? \{\w+\}/g, '')];
  if (ts.isParenthesizedExpression(part)) return again(part.expression);
  if (ts.isConditionalExpression(part)) return [...again(part.whenTrue), ...again(part.whenFalse)];
  if (isFallback(part)) return [...again(part.left), ...again(part.right)];
  if (ts.isTemplateExpression(part)) return [templateText(part, again)];
  const value = ts.isIdentifier(part) ? constants(part.text, file) : undefined;
  return value === undefined || ts.isArrowFunction(value) ? [UNKNOWN] : again(value);
};

const isFallback = (part: ts.Expression): part is ts.BinaryExpression =>
  ts.isBinaryExpression(part) && /^(\?\?|\|\|)$/.test(part.operatorToken.getText());

const isNone = (part: ts.Expression): boolean =>
  (ts.isCallExpression(part) && part.expression.getText() === 'none') || part.getText() === 'undefined';

/** A constant that is put in is written out. */
const templateText = (template: ts.TemplateExpression, again: (inner: ts.Expression) => string[]): string =>
  [
    template.head.text,
    ...template.templateSpans.flatMap(({ expression, literal }) => {
      const texts = ts.isIdentifier(expression) ? again(expression) : [];
      return [texts.length === 1 ? texts.join('') : UNKNOWN, literal.text];
    }),
  ].join('');
