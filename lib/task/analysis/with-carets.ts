import type {Problem} from '../problem.js';

/**
 * Adds to each problem the text of its line and the part that is meant: the first thing in single quotes that stands on the line.
 * A key of a table over several lines is looked for behind the line where the table begins.
 */
export function withCarets(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string> | undefined,
): readonly Problem[] {
  if (!sources) return problems;
  const lines = new Map<string, readonly string[]>();
  return problems.map((problem) => {
    const source = sources.get(problem.file);
    if (source === undefined || problem.line < 1) return problem;
    const split = lines.get(problem.file) ?? source.split('\n');
    lines.set(problem.file, split);
    return located(problem, split);
  });
}

function escaped(word: string): string {
  return word.replaceAll(/[^\w\s]/g, '\\$&');
}

/** How far a table may reach. */
const searched = 200;

function located(problem: Problem, lines: readonly string[]): Problem {
  const key = /: '([a-z_]+)(?:[.[][^']*)?' (?:must be|needs|takes)|: (?:unknown )?key '([^']+)'/.exec(problem.message);
  const name = key?.[1] ?? key?.[2];
  if (name !== undefined) {
    const pattern = new RegExp(`(?<![\\w.])${name}(?=\\s*=[^=])|[:.]${name}(?=\\s*[({"'])`);
    for (let line = problem.line; line < Math.min(problem.line + searched, lines.length + 1); line += 1) {
      const text = lines[line - 1] ?? '';
      const found = pattern.exec(text);
      if (found)
        return {...problem, line, text, column: found.index + 1 + (/^[:.]/.test(found[0]) ? 1 : 0), width: name.length};
      // The next definition begins: this one has no such key.
      if (line > problem.line && /^\S.*\b(?:task|define_task|workflow)\b/.test(text)) break;
    }
  }
  const text = lines[problem.line - 1] ?? '';
  for (const [, word = ''] of problem.message.matchAll(/'([^']+)'/g)) {
    const at = word.trim() === '' ? -1 : text.search(new RegExp(`(?<!\\w)${escaped(word)}(?!\\w)`));
    if (at >= 0) return {...problem, text, column: at + 1, width: word.length};
  }
  const indent = text.length - text.trimStart().length;
  return text.trim() === '' ? problem : {...problem, text, column: indent + 1, width: text.trim().length};
}
