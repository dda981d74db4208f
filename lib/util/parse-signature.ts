/** A type as the registry of Lua functions writes it (the grammar is in native/lua/registry.h). */
export type LuaType =
  | {readonly kind: 'name'; readonly name: string}
  | {readonly kind: 'word'; readonly word: string}
  | {readonly kind: 'list'; readonly of: LuaType}
  | {readonly kind: 'record'; readonly fields: readonly Slot[]}
  | {readonly kind: 'union'; readonly of: readonly LuaType[]};

/** An argument, a result or a field. The rest of a list is called `...`; a result may be called nothing. */
export interface Slot {
  readonly name: string;
  readonly optional: boolean;
  readonly type: LuaType;
}

/** A column is not in the grammar; the message shows where. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}

/** The forms in which a function may be called: the slots of each. */
export function parseArguments(column: string): readonly (readonly Slot[])[] {
  const parser = new Parser(column);
  const forms = parser.separated('||', () => parser.slots('named'));
  parser.end();
  return forms;
}

/** The lists of results of which one comes back. */
export function parseResults(column: string): readonly (readonly Slot[])[] {
  const parser = new Parser(column);
  const lists = parser.separated('|', () => parser.slots('named or not'));
  parser.end();
  return lists;
}

/** Names of types in the grammar, apart from kinds of handles. */
export const plainTypes: readonly string[] = [
  'any',
  'nil',
  'boolean',
  'true',
  'false',
  'integer',
  'number',
  'string',
  'table',
  'function',
  'thread',
  'userdata',
];

const token = /\s*(\|\||\.\.\.|\[\]|[|,:?{}()]|'[^']*'|[A-Za-z_][\w]*)/y;

class Parser {
  readonly #column: string;
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(column: string) {
    this.#column = column;
    token.lastIndex = 0;
    let end = 0;
    for (let match = token.exec(column); match; match = token.exec(column)) {
      this.#tokens.push(match[1] ?? '');
      end = token.lastIndex;
    }
    if (column.slice(end).trim() !== '') throw new SignatureError(`"${column.slice(end)}" is no token in "${column}"`);
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.#expected('an end');
  }

  separated<T>(separator: string, parse: () => T): readonly T[] {
    const found = [parse()];
    while (this.#take(separator)) found.push(parse());
    return found;
  }

  slots(names: 'named' | 'named or not'): readonly Slot[] {
    const next = this.#tokens[this.#at];
    if (next === undefined || next === '||' || next === '|') return [];
    return this.separated(',', () => this.#slot(names));
  }

  #slot(names: 'named' | 'named or not'): Slot {
    const name = this.#tokens[this.#at] ?? '';
    const optional = this.#tokens[this.#at + 1] === '?';
    const isNamed = /^(?:\w+|\.\.\.)$/.test(name) && this.#tokens[this.#at + (optional ? 2 : 1)] === ':';
    if (!isNamed) {
      if (names === 'named') this.#expected('a name and a colon');
      return {name: '', optional: false, type: this.#single()};
    }
    this.#at += optional ? 3 : 2;
    return {name, optional, type: names === 'named' ? this.#union() : this.#single()};
  }

  #union(): LuaType {
    const of = this.separated('|', () => this.#single());
    return of.length === 1 ? (of[0] as LuaType) : {kind: 'union', of};
  }

  #single(): LuaType {
    let type = this.#atom();
    while (this.#take('[]')) type = {kind: 'list', of: type};
    return type;
  }

  #atom(): LuaType {
    const text = this.#tokens[this.#at] ?? '';
    if (this.#take('(')) {
      const type = this.#union();
      if (!this.#take(')')) this.#expected('")"');
      return type;
    }
    if (this.#take('{')) {
      const fields = this.separated(',', () => this.#slot('named'));
      if (!this.#take('}')) this.#expected('"}"');
      return {kind: 'record', fields};
    }
    if (!/^['A-Za-z_]/.test(text)) this.#expected('a type');
    this.#at += 1;
    return text.startsWith("'") ? {kind: 'word', word: text.slice(1, -1)} : {kind: 'name', name: text};
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#at] !== text) return false;
    this.#at += 1;
    return true;
  }

  #expected(what: string): never {
    const came = this.#tokens[this.#at] ?? 'the end';
    throw new SignatureError(`"${this.#column}": ${what} was expected before "${came}"`);
  }
}
