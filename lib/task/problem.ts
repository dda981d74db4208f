/** A place in a task file. */
export interface Place {
  readonly file: string;
  /** From 1; 0 where only the file is known. */
  readonly line: number;
}

/** Something wrong with a task file, found before anything ran. */
export interface Problem extends Place {
  readonly message: string;
  /** The part of the line that is meant: its first letter, from 1, and how many. */
  readonly column?: number | undefined;
  readonly width?: number | undefined;
  /** The text of that line. */
  readonly text?: string | undefined;
}

/** A problem as one line: `build.sloth:12: task 'a' depends on unknown task 'bulid' (did you mean 'build'?)`. */
export function formatProblem({file, line, message}: Problem): string {
  return line > 0 ? `${file}:${line}: ${message}` : `${file}: ${message}`;
}

/** The line of a problem with a caret under the part that is meant, or nothing where that is not known. */
export function caretLines({text, column, width = 1}: Problem): readonly string[] {
  if (text === undefined || column === undefined) return [];
  const before = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
  return [text, `${before}${'^'.repeat(Math.max(width, 1))}`];
}
