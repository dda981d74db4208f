import {caretLines, formatProblem, type Problem} from '../task/problem.js';
import {runTaskFile, type TaskFileOutcome} from '../task/run-task-file.js';
import {sourceText} from '../util/source-text.js';
import {unreachable} from '../util/unreachable.js';
import {exitCode} from './exit-code.js';
import type {Palette} from './palette.js';
import {renderReport, uncaughtText, type Verdict} from './render-report.js';
import type {RunContext} from './run-command.js';
import {taskReporter} from './task-reporter.js';

/** Runs a `.sloth` file and returns the exit code. */
export async function runTaskScript(context: RunContext): Promise<number> {
  const {runtime, script, options, signal, failFast, palette} = context;
  const emit = taskReporter(
    {
      report: (text) => process.stderr.write(text),
      stdout: (bytes) => process.stdout.write(bytes),
      stderr: (bytes) => process.stderr.write(bytes),
    },
    palette,
  );
  const outcome = await runTaskFile(runtime, script, {run: options, signal, emit, failFast});
  const {text, code} = verdictOf(outcome, sourceText(script.source), palette);
  if (text !== '' && !signal.aborted) process.stderr.write(`${text}\n`);
  return code;
}

function verdictOf(outcome: TaskFileOutcome, source: string, palette: Palette): Verdict {
  switch (outcome.kind) {
    case 'script':
      return renderReport(outcome.report, source, palette);
    case 'unreadable': {
      const {text, code} = renderReport(outcome.report, source, palette);
      return {text: [...outcome.problems.map((problem) => problemLine(problem, palette)), text].join('\n'), code};
    }
    case 'invalid':
      return {text: problemsText(outcome.problems, palette), code: exitCode.syntax};
    case 'finished': {
      const called = outcome.workflows.find((workflow) => workflow.exitCode !== undefined)?.exitCode;
      if (called !== undefined) return {text: '', code: called & 0xff};
      if (!outcome.success) return {text: '', code: exitCode.tasksFailed};
      if (outcome.uncaught > 0) return {text: uncaughtText(outcome.uncaught, palette), code: exitCode.luaError};
      return {text: '', code: exitCode.ok};
    }
    default:
      return unreachable(outcome);
  }
}

function problemsText(problems: readonly Problem[], palette: Palette): string {
  const lines = problems.map((problem) => problemLine(problem, palette));
  const total = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [...lines, palette.quiet(`${total}; nothing was run`)].join('\n');
}

function problemLine(problem: Problem, palette: Palette): string {
  return [`${palette.bad('error:')} ${formatProblem(problem)}`, ...caretLines(problem).map((line) => `  ${line}`)].join(
    '\n',
  );
}
