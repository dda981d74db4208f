import {join} from 'node:path';
import {SlothError} from '../errors.js';
import {exitCode} from './exit-code.js';
import {withJournal} from './history-command.js';
import {runCommand} from './run-command.js';
import {noRunFlags} from './run-in-runtime.js';
import {noTaskFileFlags, type TaskRunFlags} from './task-files/task-flags.js';

/** Goes on with a run, the latest by default, as it was started; returns the exit code. */
export async function resumeCommand(
  folder: string,
  wanted: string | undefined,
  flags: Pick<TaskRunFlags, 'withCurrentCode' | 'json' | 'output'>,
): Promise<number> {
  let path = '';
  let run = '';
  const found = await withJournal(folder, (journal) => {
    run = journal.find(wanted);
    const {file} = journal.read(run).settings;
    if (file === '-')
      throw new SlothError('E_VALUE', `run ${run} was read from standard input: run it with --resume ${run}`);
    path = join(folder, file);
    return exitCode.ok;
  });
  if (found !== exitCode.ok) return found;
  const task: TaskRunFlags = {
    ...noTaskFileFlags,
    ...flags,
    tasks: [],
    dryRun: false,
    keepTemp: false,
    resume: run,
    rerunFailed: false,
    journal: true,
  };
  return runCommand(path, [], {...noRunFlags, task, taskOnly: []});
}
