import {selectFrom} from '../task/select.js';
import {exitCode} from './exit-code.js';
import {withTaskFile} from './task-files/open-task-file.js';
import {planText} from './task-files/plan-text.js';
import {predictPlan} from './task-files/predict-plan.js';
import {problemsText} from './task-files/problems-text.js';
import type {TaskFileFlags} from './task-files/task-flags.js';

/** Prints what a task file would run; returns the exit code. */
export function planCommand(
  path: string,
  tasks: readonly string[],
  flags: TaskFileFlags,
  {json}: {readonly json: boolean},
): Promise<number> {
  return withTaskFile(path, flags, async ({file, context, values, secrets}) => {
    const selected = selectFrom(file.plan, {workflow: flags.workflow, tasks});
    if ('problems' in selected) {
      process.stderr.write(`${problemsText(selected.problems, context.palette)}\n`);
      return exitCode.syntax;
    }
    const {signal} = context;
    const predictions = await predictPlan(selected, path, {sources: file.sources, values, secrets, signal});
    process.stdout.write(planText(selected, path, predictions, json));
    return exitCode.ok;
  });
}
