import {caretLines, formatProblem, type Problem} from '../../task/problem.js';
import type {Palette} from '../palette.js';

/** Everything that is wrong with a task file, and how much that is. */
export function problemsText(problems: readonly Problem[], palette: Palette): string {
  const lines = problems.map((problem) => problemText(problem, palette));
  const total = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [...lines, palette.quiet(`${total}; nothing was run`)].join('\n');
}

/** One problem with the line it is in. */
export function problemText(problem: Problem, palette: Palette, kind: 'error' | 'warning' = 'error'): string {
  const word = kind === 'error' ? palette.bad('error:') : palette.warn('warning:');
  return [`${word} ${formatProblem(problem)}`, ...caretLines(problem).map((line) => `  ${line}`)].join('\n');
}
