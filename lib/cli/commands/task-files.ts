import {type Command, Option} from 'commander';
import {parseCount} from '../flag-values.js';
import {type GraphFormat, graphFormats} from '../graph-formats.js';
import type {OutputMode} from '../output/output-view.js';
import type {CommandContext} from './command-context.js';
import {addTaskFileOptions, type RawTaskFileFlags, taskFileFlags} from './task-options.js';

type Json = {readonly json?: true};
type Dir = {readonly dir: string};

/** Defines the commands that read task files without running them: `check`, `list`, `plan`, `graph`; and `watch`. */
export function addTaskFileCommands(program: Command, {finish}: CommandContext): void {
  addTaskFileOptions(
    program
      .command('check')
      .summary('tell everything that is wrong with a task file')
      .description('Reads a task file and checks everything that it defines. Runs no task.')
      .argument('<file>', 'the task file'),
  )
    .option('--json', 'print the warnings as data')
    .option('--migrate', 'tell instead what of a script of the Go sloth-runner is different here, or gone')
    .action(async (file: string, flags: RawTaskFileFlags & Json & {readonly migrate?: true}) => {
      if (flags.migrate) {
        const {migrateCommand} = await import('../migrate-command.js');
        return finish(await migrateCommand(file, {json: flags.json ?? false}));
      }
      const {checkCommand} = await import('../check-command.js');
      finish(await checkCommand(file, taskFileFlags(flags), {json: flags.json ?? false}));
    });

  addTaskFileOptions(
    program
      .command('list')
      .summary('list the workflows and tasks of a file')
      .description('Lists the workflows and tasks of a file with their descriptions.')
      .argument('<file>', 'the task file'),
  )
    .option('--json', 'print them as data')
    .action(async (file: string, flags: RawTaskFileFlags & Json) => {
      const {listCommand} = await import('../list-command.js');
      finish(await listCommand(file, taskFileFlags(flags), {json: flags.json ?? false}));
    });

  addTaskFileOptions(
    program
      .command('plan')
      .summary('print what a task file would run')
      .description('Prints in which rounds tasks would run, and what is decided only then. Runs no task.')
      .argument('<file>', 'the task file')
      .argument('[task...]', 'only these tasks, with all they need'),
  )
    .option('--json', 'print it as data')
    .action(async (file: string, tasks: readonly string[], flags: RawTaskFileFlags & Json) => {
      const {planCommand} = await import('../plan-command.js');
      finish(await planCommand(file, tasks, taskFileFlags(flags), {json: flags.json ?? false}));
    });

  addTaskFileOptions(
    program
      .command('graph')
      .summary('draw what waits for what')
      .description(
        'Draws a workflow with its critical path and, where it ran before, how each task went the last time.',
      )
      .argument('<file>', 'the task file'),
  )
    .addOption(new Option('--format <format>', 'how').choices(graphFormats).default('ascii'))
    .option('--out <path>', 'write it to a file')
    .action(async (file: string, flags: RawTaskFileFlags & {readonly format: GraphFormat; readonly out?: string}) => {
      const {graphCommand} = await import('../graph-command.js');
      finish(await graphCommand(file, taskFileFlags(flags), flags));
    });

  addTaskFileOptions(
    program
      .command('watch')
      .summary('run a task file again whenever its inputs change')
      .description('Runs a task file, and again when it, what it imports, or an input of its tasks changes.')
      .argument('<file>', 'the task file')
      .argument('[task...]', 'only these tasks, with all they need'),
  ).action(async (file: string, tasks: readonly string[], raw: RawTaskFileFlags) => {
    const {watchCommand} = await import('../watch-command.js');
    const flags = taskFileFlags(raw);
    const given = [
      ...(['values', 'secrets', 'set', 'param'] as const).flatMap((name) =>
        flags[name].flatMap((value) => [`--${name}`, value]),
      ),
      ...(['workflow', 'config'] as const).flatMap((name) =>
        flags[name] === undefined ? [] : [`--${name}`, flags[name]],
      ),
      ...(flags.allowUnsupported ? ['--allow-unsupported'] : []),
    ];
    finish(await watchCommand(file, flags, [file, ...tasks, ...given]));
  });
}

/** Defines the commands about runs there were: `history`, `show`, `why`, `resume`. */
export function addRunCommands(program: Command, {finish}: CommandContext): void {
  const dir = (): Option => new Option('--dir <folder>', 'where the task file is').default('.', 'here');

  program
    .command('history')
    .summary('list the latest runs')
    .description('Lists the latest runs of the task files in a folder, newest first.')
    .addOption(dir())
    .option('--limit <n>', 'how many', parseCount, 20)
    .option('--json', 'print them as data')
    .action(async (flags: Dir & Json & {readonly limit: number}) => {
      const {historyCommand} = await import('../history-command.js');
      finish(await historyCommand(flags.dir, flags.limit, {json: flags.json ?? false}));
    });

  program
    .command('show')
    .summary('show when the tasks of a run ran')
    .description(
      'Shows when each task of a run ran and how it ended. A run may be named by the beginning or end of its id.',
    )
    .argument('[run]', 'which one; default: the latest')
    .addOption(dir())
    .addOption(new Option('--format <format>', 'how').choices(['text', 'svg', 'json']).default('text'))
    .option('--out <path>', 'write it to a file')
    .action(
      async (
        run: string | undefined,
        flags: Dir & {readonly format: 'text' | 'svg' | 'json'; readonly out?: string},
      ) => {
        const {showCommand} = await import('../history-command.js');
        finish(await showCommand(flags.dir, run, flags));
      },
    );

  program
    .command('why')
    .summary('tell why a task ran, or did not')
    .description('Tells why a task ran, with everything that changed since its result was kept, or why it did not.')
    .argument('<task>', 'which task')
    .addOption(dir())
    .option('--run <run>', 'in which run; default: the latest')
    .option('--json', 'print it as data')
    .action(async (task: string, flags: Dir & Json & {readonly run?: string}) => {
      const {whyCommand} = await import('../history-command.js');
      finish(await whyCommand(flags.dir, task, flags.run, flags.json ?? false));
    });

  program
    .command('resume')
    .summary('go on with a run')
    .description('Goes on with a run as it was started: what succeeded stays, the rest runs. Default: the latest.')
    .argument('[run]', 'which one')
    .addOption(dir())
    .option('--with-current-code', 'go on although the task file has changed since')
    .option('--json', 'print every event as a line of JSON')
    .addOption(new Option('--output <mode>', 'how tasks are shown').choices(['tree', 'grouped', 'plain']))
    .action(
      async (
        run: string | undefined,
        flags: Dir & Json & {readonly withCurrentCode?: true; readonly output?: OutputMode},
      ) => {
        const {resumeCommand} = await import('../resume-command.js');
        const {withCurrentCode = false, json = false, output} = flags;
        finish(await resumeCommand(flags.dir, run, {withCurrentCode, json, output}));
      },
    );
}
