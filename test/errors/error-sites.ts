/**
 * The errors of Ingot, read from its sources: where one is made (`new IngotError`, `retold`), and rows of data that one is
 * made of (`{ code, message, hint }`). A code that the text of the sources does not give is an error here, so that none is
 * missed.
 */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { HOOK_HINTS } from '../../src/machine/watch/watch-errors.ts';
import { type Constants, textsOf } from './texts.ts';

export interface ErrorSite {
  readonly code: string;
  readonly file: string;
  /** With `…` for what is put in. */
  readonly messages: readonly string[];
  readonly hints: readonly string[];
}

type Told = Omit<ErrorSite, 'code' | 'file'>;

/** Codes with a part that is put in, by the text of the template: what each is, as far as the site does not say it. */
const PUT_IN: Readonly<Record<string, ReadonlyMap<string, Partial<Told>>>> = {
  '`install.${message.code}`': new Map(
    Object.entries(HOOK_HINTS).map(([code, hint]) => [
      `install.${code}`,
      { messages: ['told by the installer’s hooks'], hints: [hint] },
    ]),
  ),
  '`media.verify-${what}`': new Map(['boot', 'files', 'sums'].map((what) => [`media.verify-${what}`, {}])),
};

/** They hand on codes that stand elsewhere. */
const HANDED_ON = /^(code|error\.code|meaning\.code|cause\.code|diagnosis\.cause\.code)$/;

export const errorSites = async (root: string): Promise<ErrorSite[]> => {
  const files: ts.SourceFile[] = [];
  for await (const file of glob('src/**/*.ts', { cwd: root }))
    files.push(ts.createSourceFile(file, await readFile(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true));
  files.sort((a, b) => a.fileName.localeCompare(b.fileName));
  const constants = constantsOf(files);
  return files.flatMap((file) => nodesOf(file).flatMap((node) => sitesOf(node, file, constants)));
};

const nodesOf = (node: ts.Node): ts.Node[] => [
  node,
  ...node.getChildren().flatMap((child) => (ts.isJSDoc(child) ? [] : nodesOf(child))),
];

/** `const NAME = …` and `const name = …`, by file. */
const constantsOf = (files: readonly ts.SourceFile[]): Constants => {
  const found = files.flatMap((file) =>
    nodesOf(file).flatMap((node) =>
      ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined
        ? [{ name: node.name.text, file: file.fileName, value: node.initializer }]
        : [],
    ),
  );
  return (name, file) => {
    const here = found.filter((one) => one.name === name && one.file === file);
    const elsewhere = /^[A-Z_]+$/.test(name) ? found.filter((one) => one.name === name) : [];
    const [only, another] = here.length > 0 ? here : elsewhere;
    return another === undefined ? only?.value : undefined;
  };
};

const sitesOf = (node: ts.Node, file: ts.SourceFile, constants: Constants): ErrorSite[] => {
  const { fileName } = file;
  const texts = (part: ts.Expression | undefined) => textsOf(part, fileName, constants);
  const site = (code: ts.Expression, message: ts.Expression | undefined, hint: ts.Expression | undefined) =>
    [...codesOf(code)].map(([one, told]) => ({
      code: one,
      file: fileName,
      messages: texts(message),
      hints: texts(hint),
      ...told,
    }));
  if (isMade(node)) {
    const [code, message, details] = node.arguments ?? [];
    return code === undefined ? [] : site(code, message, propertyOf(details, 'hint'));
  }
  if (!ts.isObjectLiteralExpression(node)) return [];
  const code = propertyOf(node, 'code');
  if (code === undefined || !ts.isStringLiteral(code) || !/^[a-z]+\.[a-z]/.test(code.text)) return [];
  return site(code, propertyOf(node, 'message') ?? propertyOf(node, 'text'), propertyOf(node, 'hint'));
};

/** `new IngotError(…)`, or `super(…)` in a class below it. */
const isMade = (node: ts.Node): node is ts.NewExpression | ts.CallExpression => {
  if (ts.isNewExpression(node)) return node.expression.getText() === 'IngotError';
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return false;
  const made = ts.findAncestor(node, ts.isClassDeclaration);
  return made?.heritageClauses?.some((clause) => clause.getText() === 'extends IngotError') ?? false;
};

const propertyOf = (object: ts.Node | undefined, name: string): ts.Expression | undefined => {
  if (object === undefined || !ts.isObjectLiteralExpression(object)) return undefined;
  for (const property of object.properties) {
    if (property.name?.getText() !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return undefined;
};

const codesOf = (code: ts.Expression): ReadonlyMap<string, Partial<Told>> => {
  if (ts.isStringLiteral(code)) return new Map([[code.text, {}]]);
  if (ts.isConditionalExpression(code)) return new Map([...codesOf(code.whenTrue), ...codesOf(code.whenFalse)]);
  if (ts.isBinaryExpression(code)) return new Map([...codesOf(code.left), ...codesOf(code.right)]);
  const text = code.getText().replaceAll('?.', '.');
  const known = PUT_IN[text];
  if (known !== undefined) return known;
  if (HANDED_ON.test(text)) return new Map();
  throw new Error(`${code.getSourceFile().fileName}: which codes are ${text}?`);
};
