import type {Placeholder, Template} from './template.js';

/** Where in a command line a placeholder stands. */
export type ShellPlace =
  | 'bare'
  | 'double quotes'
  | 'single quotes'
  | 'backticks'
  | 'command substitution'
  | 'comment'
  | 'here-document';

/** The places where a value can stand as one word, whatever it contains. */
export const safePlaces: ReadonlySet<ShellPlace> = new Set(['bare', 'double quotes']);

/**
 * Where each placeholder of a command line stands, by a reading of the line as `sh` would read it: quotes, substitutions,
 * comments and here-documents.
 *
 * @see The rules are those of the shell command language, IEEE Std 1003.1-2017, 2.2 Quoting and 2.7.4 Here-Document.
 */
export function shellPlacesOf({parts}: Template): ReadonlyMap<Placeholder, ShellPlace> {
  const places = new Map<Placeholder, ShellPlace>();
  const reader = new ShellReader();
  for (const part of parts) {
    if (typeof part === 'string') reader.read(part);
    else places.set(part, reader.readWord());
  }
  return places;
}

class ShellReader {
  #quotes: 'none' | 'single' | 'double' = 'none';
  /** Open `$(` and `(` inside them, and open backticks: what encloses where we are, with the quotes outside. */
  readonly #enclosing: {
    readonly kind: 'substitution' | 'parenthesis' | 'backticks';
    readonly quotes: 'none' | 'double';
  }[] = [];
  #inComment = false;
  #wordStart = true;
  #escaped = false;
  /** Words that end here-documents announced on this line, and the one we are in. */
  readonly #announced: string[] = [];
  #document: string | undefined;
  #line = '';

  /** A placeholder: where we are. It counts as a letter of a word. */
  readWord(): ShellPlace {
    const place = this.#place();
    this.#wordStart = false;
    this.#escaped = false;
    this.#line += '\0';
    return place;
  }

  read(text: string): void {
    for (let index = 0; index < text.length; index += 1) index += this.#step(text, index);
  }

  #place(): ShellPlace {
    if (this.#document !== undefined) return 'here-document';
    if (this.#inComment) return 'comment';
    if (this.#enclosing.some(({kind}) => kind === 'backticks')) return 'backticks';
    if (this.#enclosing.some(({kind}) => kind === 'substitution')) return 'command substitution';
    if (this.#quotes === 'single') return 'single quotes';
    return this.#quotes === 'double' ? 'double quotes' : 'bare';
  }

  // Reads the letter at `index`, and answers how many more it took.
  #step(text: string, index: number): number {
    const letter = text[index] ?? '';
    if (letter === '\n') return this.#endLine();
    this.#line += letter;
    if (this.#document !== undefined || this.#inComment) return 0;
    if (this.#escaped) {
      this.#escaped = false;
      this.#wordStart = false;
      return 0;
    }
    if (this.#quotes === 'single') {
      if (letter === "'") this.#quotes = 'none';
      return 0;
    }
    const startsWord = this.#wordStart;
    this.#wordStart = this.#quotes === 'none' && /[\s;&|()<>]/.test(letter);
    switch (letter) {
      case '\\':
        this.#escaped = true;
        return 0;
      case "'":
        if (this.#quotes === 'none') this.#quotes = 'single';
        return 0;
      case '"':
        this.#quotes = this.#quotes === 'double' ? 'none' : 'double';
        return 0;
      case '`':
        return this.#backtick();
      case '#':
        this.#inComment = startsWord && this.#quotes === 'none';
        return 0;
      case '$':
        return text[index + 1] === '(' ? this.#enter('substitution', text[index + 1] ?? '') : 0;
      case '(':
        return this.#enclosing.length > 0 && this.#quotes === 'none' ? this.#enter('parenthesis', '') : 0;
      case ')':
        if (this.#quotes === 'none' && this.#enclosing.at(-1)?.kind !== 'backticks') this.#leave();
        return 0;
      case '<':
        return this.#quotes === 'none' ? this.#hereDocument(text, index) : 0;
      default:
        return 0;
    }
  }

  #enter(kind: 'substitution' | 'parenthesis' | 'backticks', taken: string): number {
    this.#enclosing.push({kind, quotes: this.#quotes === 'double' ? 'double' : 'none'});
    this.#quotes = 'none';
    this.#wordStart = true;
    this.#line += taken;
    return taken.length;
  }

  #leave(): void {
    this.#quotes = this.#enclosing.pop()?.quotes ?? this.#quotes;
  }

  #backtick(): number {
    if (this.#enclosing.at(-1)?.kind === 'backticks') this.#leave();
    else this.#enter('backticks', '');
    return 0;
  }

  #hereDocument(text: string, index: number): number {
    const [whole, word] = /^<<-?\s*(\\?[\w.]+|'[^'\n]*'|"[^"\n]*")/.exec(text.slice(index)) ?? [];
    if (whole === undefined || word === undefined || text[index - 1] === '<') return 0;
    this.#announced.push(word.replaceAll(/^\\|['"]/g, ''));
    this.#line += whole.slice(1);
    return whole.length - 1;
  }

  #endLine(): number {
    const line = this.#line.replace(/^\t+/, '');
    this.#line = '';
    this.#inComment = false;
    this.#escaped = false;
    this.#wordStart = true;
    if (this.#document !== undefined && line !== this.#document) return 0;
    this.#document = this.#announced.shift();
    return 0;
  }
}
