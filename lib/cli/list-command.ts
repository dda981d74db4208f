import {exitCode} from './exit-code.js';
import {paletteFor} from './palette.js';
import {withTaskFile} from './task-files/open-task-file.js';
import type {TaskFileFlags} from './task-files/task-flags.js';

/** Lists the workflows and tasks of a file with their descriptions; returns the exit code. */
export function listCommand(path: string, flags: TaskFileFlags, {json}: {readonly json: boolean}): Promise<number> {
  return withTaskFile(path, flags, ({file}) => {
    const workflows = file.plan.workflows
      .filter(({name}) => flags.workflow === undefined || name === flags.workflow)
      .map(({name, description, tasks}) => ({
        name,
        description,
        tasks: tasks.map((task) => ({
          name: task.name,
          description: task.description,
          stage: task.stage === '' ? undefined : task.stage,
          tags: task.tags,
          needs: task.dependsOn,
        })),
      }));
    if (json) {
      process.stdout.write(`${JSON.stringify({version: 1, workflows}, undefined, 2)}\n`);
      return exitCode.ok;
    }
    const {strong, quiet} = paletteFor(process.stdout);
    for (const {name, description, tasks} of workflows) {
      process.stdout.write(`${strong(name)}${description ? `  ${quiet(description)}` : ''}\n`);
      const width = Math.min(40, Math.max(...tasks.map((task) => task.name.length)));
      for (const task of tasks) {
        const tags = task.tags.length > 0 ? ` [${task.tags.join(', ')}]` : '';
        process.stdout.write(
          `  ${`${task.name.padEnd(width)}  ${quiet(`${task.description ?? ''}${tags}`)}`.trimEnd()}\n`,
        );
      }
    }
    return exitCode.ok;
  });
}
