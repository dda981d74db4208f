import type {DefinedFunction} from './defined-function.js';

/** Finds the text of functions in the files that define them. Each file is cut into lines once. */
export class FunctionTexts {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #lines = new Map<string, readonly string[]>();

  /** @param sources text of files, by path. */
  constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources;
  }

  /** Whole lines, from its first to its last; empty when its file is not among the sources. */
  of({file, line, lastLine}: DefinedFunction): string {
    return this.#linesOf(file)
      .slice(line - 1, lastLine)
      .join('\n');
  }

  #linesOf(file: string): readonly string[] {
    const known = this.#lines.get(file);
    if (known) return known;
    const lines = this.#sources.get(file)?.split('\n') ?? [];
    this.#lines.set(file, lines);
    return lines;
  }
}
