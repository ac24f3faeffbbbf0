/** GRUB's script language as a tree that can be run: commands, conditions, loops and functions (GRUB manual, 6.2). */
import { type GrubToken, tokensOf } from '../menus/grub-lexer.ts';

export type GrubNode =
  | { readonly kind: 'command'; readonly words: readonly GrubToken[]; readonly block: readonly GrubNode[] | undefined }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly GrubNode[] }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly words: readonly GrubToken[];
      readonly body: readonly GrubNode[];
    }
  | { readonly kind: 'while'; readonly body: readonly GrubNode[] };

interface Branch {
  readonly condition: readonly GrubNode[];
  readonly body: readonly GrubNode[];
}

/** What is not valid in the language is passed over. */
export const parseScript = (text: string): readonly GrubNode[] => new Parser(tokensOf(text)).list([]);

class Parser {
  private readonly tokens: readonly GrubToken[];
  private at = 0;

  constructor(tokens: readonly GrubToken[]) {
    this.tokens = tokens;
  }

  /** Up to one of these words, or a closing brace, which are left where they are. */
  list(ends: readonly string[]): readonly GrubNode[] {
    const nodes: GrubNode[] = [];
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at];
      if (token === undefined || token.kind === 'close') break;
      if (token.kind === 'word' && ends.includes(token.raw)) break;
      if (token.kind === 'word') nodes.push(this.sentence(token.raw));
      else this.at++;
    }
    return nodes;
  }

  private sentence(first: string): GrubNode {
    if (first === 'if') return this.condition();
    if (first === 'for') return this.loop();
    if (first === 'while' || first === 'until') {
      this.at++;
      this.list(['do']);
      return { kind: 'while', body: this.body('done') };
    }
    const words = this.words();
    if (this.tokens[this.at]?.kind !== 'open') return { kind: 'command', words, block: undefined };
    this.at++;
    const block = this.list([]);
    this.at++;
    return { kind: 'command', words, block };
  }

  private words(): readonly GrubToken[] {
    const from = this.at;
    while (this.tokens[this.at]?.kind === 'word') this.at++;
    return this.tokens.slice(from, this.at);
  }

  private condition(): GrubNode {
    const branches: Branch[] = [];
    while (['if', 'elif'].includes(this.tokens[this.at]?.raw ?? '')) {
      this.at++;
      const condition = this.list(['then']);
      this.at++;
      branches.push({ condition, body: this.list(['elif', 'else', 'fi']) });
    }
    const hasOther = this.tokens[this.at]?.raw === 'else';
    if (hasOther) this.at++;
    const otherwise = hasOther ? this.list(['fi']) : [];
    this.at++;
    return { kind: 'if', branches, otherwise };
  }

  private loop(): GrubNode {
    const [, name, , ...words] = this.words();
    this.list(['do']);
    return { kind: 'for', name: name?.value ?? '', words, body: this.body('done') };
  }

  private body(end: string): readonly GrubNode[] {
    this.at++;
    const nodes = this.list([end]);
    this.at++;
    return nodes;
  }
}
