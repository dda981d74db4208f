/** A place in a task file. */
export interface Place {
  readonly file: string;
  /** From 1; 0 where only the file is known. */
  readonly line: number;
}

/** Something wrong with a task file, found before anything ran. */
export interface Problem extends Place {
  readonly message: string;
}

/** A problem as one line: `build.sloth:12: task 'a' depends on unknown task 'bulid' (did you mean 'build'?)`. */
export function formatProblem({file, line, message}: Problem): string {
  return line > 0 ? `${file}:${line}: ${message}` : `${file}: ${message}`;
}
