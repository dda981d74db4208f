import {didYouMean} from '../../util/did-you-mean.js';
import {type Expression, type Operand, type OutcomeWord, outcomeWords} from './condition.js';

/** A condition that was read, or why not and where in the text. */
export type ParsedCondition =
  | {readonly ok: true; readonly expression: Expression}
  | {readonly ok: false; readonly message: string; readonly offset: number};

type Token =
  | {readonly kind: 'name' | 'string' | 'number'; readonly text: string; readonly offset: number}
  | {readonly kind: 'operator' | 'end'; readonly text: string; readonly offset: number};

const tokenPattern =
  /\s*(?:(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>-?\d+(?:\.\d+)?(?![\w.]))|(?<name>[A-Za-z_](?:[\w.\-/]|\[[^\]]*\])*)|(?<operator>&&|\|\||==|~=|<=|>=|!=|[!<>()]))/y;

const comparisons = ['==', '~=', '<', '<=', '>', '>='] as const;
type Comparison = (typeof comparisons)[number];

const luaWords: Readonly<Record<string, string>> = {and: '&&', or: '||', not: '!'};

/**
 * Reads a condition: operands `<task or stage>.success .failed .skipped .cancelled .timed_out`, `values.x`, `params.x`,
 * `env.X`, strings, numbers, true, false, nil; operators `! && || == ~= < <= > >= ( )`, binding as in Lua.
 */
export function parseCondition(text: string): ParsedCondition {
  try {
    return {ok: true, expression: new Parser(tokensOf(text)).parse()};
  } catch (error) {
    if (error instanceof ConditionError) return {ok: false, message: error.message, offset: error.offset};
    throw error;
  }
}

class ConditionError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (!groups) {
      const offset = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
      throw new ConditionError(`unexpected '${text[offset]}'`, offset);
    }
    for (const kind of ['string', 'number', 'name', 'operator'] as const) {
      const found = groups[kind];
      if (found !== undefined) tokens.push({kind, text: found, offset: pattern.lastIndex - found.length});
    }
  }
  tokens.push({kind: 'end', text: 'the end', offset: end});
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#or();
    const {kind, text, offset} = this.#peek();
    if (kind !== 'end') throw this.#unexpected(text, offset);
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||')) left = {kind: 'or', left, right: this.#and()};
    return left;
  }

  #and(): Expression {
    let left = this.#comparison();
    while (this.#take('&&')) left = {kind: 'and', left, right: this.#comparison()};
    return left;
  }

  #comparison(): Expression {
    const left = this.#unary();
    const {kind, text, offset} = this.#peek();
    if (kind === 'operator' && text === '!=') throw new ConditionError("write '~=' instead of '!='", offset);
    const operator = comparisons.find(
      (candidate): candidate is Comparison => kind === 'operator' && candidate === text,
    );
    if (!operator) return left;
    this.#at += 1;
    return {kind: 'compare', operator, left, right: this.#unary()};
  }

  #unary(): Expression {
    if (this.#take('!')) return {kind: 'not', of: this.#unary()};
    if (this.#take('(')) {
      const inner = this.#or();
      const {text, offset} = this.#peek();
      if (!this.#take(')')) throw new ConditionError(`')' expected, got ${text}`, offset);
      return inner;
    }
    return this.#operand();
  }

  #operand(): Operand {
    const token = this.#peek();
    this.#at += 1;
    switch (token.kind) {
      case 'string':
        return {kind: 'literal', value: token.text.slice(1, -1).replaceAll(/\\(.)/g, '$1')};
      case 'number':
        return {kind: 'literal', value: Number(token.text)};
      case 'name':
        return nameOperand(token.text, token.offset);
      default:
        throw this.#unexpected(token.text, token.offset);
    }
  }

  #unexpected(text: string, offset: number): ConditionError {
    return new ConditionError(text === 'the end' ? 'something is missing at the end' : `unexpected '${text}'`, offset);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? {kind: 'end', text: 'the end', offset: 0};
  }

  #take(operator: string): boolean {
    const {kind, text} = this.#peek();
    if (kind !== 'operator' || text !== operator) return false;
    this.#at += 1;
    return true;
  }
}

function nameOperand(text: string, offset: number): Operand {
  if (text === 'true' || text === 'false') return {kind: 'literal', value: text === 'true'};
  if (text === 'nil') return {kind: 'literal', value: undefined};
  const operator = luaWords[text];
  if (operator) throw new ConditionError(`write '${operator}' instead of '${text}'`, offset);
  const parts = text.split('.');
  const first = parts[0] ?? '';
  if ((first === 'values' || first === 'params' || first === 'env') && parts.length > 1) {
    return {kind: 'lookup', from: first, path: parts.slice(1)};
  }
  const word = parts.pop() ?? '';
  if (parts.length === 0) {
    throw new ConditionError(`'${text}' is no operand: write '${text}.success', "${text}" or values.${text}`, offset);
  }
  const known: OutcomeWord | undefined = outcomeWords.find((candidate) => candidate === word);
  if (known) return {kind: 'outcome', subject: parts.join('.'), word: known};
  const guess = didYouMean(word, outcomeWords);
  const cure = guess ? `did you mean '${guess}'?` : `one of ${outcomeWords.join(', ')} expected`;
  throw new ConditionError(`unknown outcome '${word}' of '${parts.join('.')}' (${cure})`, offset);
}
