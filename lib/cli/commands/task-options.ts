import type {Command} from 'commander';
import type {TaskFileFlags} from '../task-files/task-flags.js';

/** The options of {@link addTaskFileOptions} as commander gives them. */
export interface RawTaskFileFlags {
  readonly workflow?: string;
  readonly set?: readonly string[];
  readonly param?: readonly string[];
  readonly values?: readonly string[];
  readonly secrets?: readonly string[];
  readonly config?: string;
  readonly allowUnsupported?: true;
}

/** Adds the options of every command that reads a task file. */
export function addTaskFileOptions(command: Command): Command {
  return command
    .option('--workflow <name>', 'only this workflow')
    .option('--values <file>', 'read the global values from YAML or JSON; may be repeated', collect)
    .option('--secrets <file>', 'read what utils.secret finds from YAML or JSON; may be repeated', collect)
    .option('--set <name=text>', 'set one of the values (a.b=text, a.b:=json); may be repeated', collect)
    .option('--param <name=text>', 'set a parameter of every task (name=text, name:=json); may be repeated', collect)
    .option('--config <file>', 'read runner_config from a Lua or YAML file (default: sloth.config.lua or .yaml)')
    .option('--allow-unsupported', 'run although the file asks for protection that is not built yet');
}

/** What they were given. */
export function taskFileFlags(raw: RawTaskFileFlags): TaskFileFlags {
  const {workflow, set = [], param = [], values = [], secrets = [], config, allowUnsupported = false} = raw;
  return {workflow, set, param, values, secrets, config, allowUnsupported};
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
