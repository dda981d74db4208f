import {exitCode} from './exit-code.js';
import {withTaskFile} from './task-files/open-task-file.js';
import {problemText} from './task-files/problems-text.js';
import type {TaskFileFlags} from './task-files/task-flags.js';

/** Reads a task file and tells everything that is wrong with it; returns the exit code. */
export function checkCommand(path: string, flags: TaskFileFlags, {json}: {readonly json: boolean}): Promise<number> {
  return withTaskFile(path, flags, ({file, context}) => {
    const {plan, warnings} = file;
    if (json) {
      process.stdout.write(`${JSON.stringify({version: 1, problems: [], warnings}, undefined, 2)}\n`);
      return exitCode.ok;
    }
    for (const warning of warnings) process.stderr.write(`${problemText(warning, context.palette, 'warning')}\n`);
    const tasks = plan.workflows.reduce((sum, workflow) => sum + workflow.tasks.length, 0);
    const workflows = plan.workflows.length === 1 ? '1 workflow' : `${plan.workflows.length} workflows`;
    process.stdout.write(`${path}: ${workflows}, ${tasks === 1 ? '1 task' : `${tasks} tasks`}, nothing wrong\n`);
    return exitCode.ok;
  });
}
