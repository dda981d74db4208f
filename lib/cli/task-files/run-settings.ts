import {dirname, relative, resolve} from 'node:path';
import {SlothError} from '../../errors.js';
import {Journal} from '../../task/journal/journal.js';
import type {StoreChoice} from '../../task/journal/open-stores.js';
import type {RunSettings} from '../../task/journal/run-records.js';
import type {SlothFolder} from '../../task/journal/sloth-folder.js';
import type {TaskRunFlags} from './task-flags.js';

/**
 * How a run is asked for: by the flags; when it goes on with an earlier run, by those of that run.
 *
 * @throws SlothError `E_VALUE` when an earlier run is asked for and there is none, or other flags are given with it.
 */
export function settingsFor(folder: SlothFolder, path: string, flags: TaskRunFlags, stack?: string): RunSettings {
  const given = {...settingsOf(folder, path, flags), ...(stack !== undefined && {stack})};
  if (!flags.journal) {
    const asked = [
      ['--resume', flags.resume],
      ['--from', flags.from],
      ['--only', flags.only],
      ['--rerun-failed', flags.rerunFailed || undefined],
    ];
    const [first] = asked.find(([, value]) => value !== undefined) ?? [];
    if (first) throw new SlothError('E_VALUE', `${String(first)} needs the journal, which --no-journal leaves out`);
    return given;
  }
  if (flags.resume === undefined) return given;
  const isGiven = given.tasks.length + given.params.length + given.set.length + given.values.length > 0;
  if (isGiven || given.workflow !== undefined) {
    throw new SlothError(
      'E_VALUE',
      '--resume goes on with the tasks, params and values the run was given: leave them out, or start a new run',
    );
  }
  const journal = Journal.open(folder, storeChoice());
  try {
    const id =
      typeof flags.resume === 'string'
        ? journal.find(flags.resume)
        : journal.list(Number.POSITIVE_INFINITY).find(({settings}) => settings?.file === given.file)?.id;
    if (id === undefined) throw new SlothError('E_VALUE', `${path} has no run to go on with`);
    // Secrets may lie elsewhere by now.
    return {...journal.read(id).settings, file: given.file, ...(given.secrets && {secrets: given.secrets})};
  } finally {
    journal.close();
  }
}

/** Which store SLOTH_JOURNAL asks for: `sqlite`, `log`, or whichever there is. */
export function storeChoice(): StoreChoice {
  const choice = process.env['SLOTH_JOURNAL'] ?? 'auto';
  if (choice === 'auto' || choice === 'sqlite' || choice === 'log') return choice;
  throw new SlothError('E_VALUE', `SLOTH_JOURNAL=${choice}: write sqlite, log or auto`);
}

function settingsOf(folder: SlothFolder, path: string, flags: TaskRunFlags): RunSettings {
  const {workflow, tasks, param, set, values, secrets, config} = flags;
  return {
    file: path === '-' ? '-' : relative(dirname(folder.path), resolve(path)),
    ...(workflow !== undefined && {workflow}),
    tasks,
    params: param,
    set,
    values: values.map((one) => resolve(one)),
    ...(secrets.length > 0 && {secrets: secrets.map((one) => resolve(one))}),
    ...(config !== undefined && {config: resolve(config)}),
  };
}
