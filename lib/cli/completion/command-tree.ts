import type {Command} from 'commander';

/** A flag as completions offer it. */
export interface FlagEntry {
  /** Its spellings: `-h`, `--help`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** What its value may be, where that is a fixed choice. */
  readonly choices: readonly string[];
}

/** A command as completions offer it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagEntry[];
  /** The fixed values of its first argument, where there are any. */
  readonly choices: readonly string[];
  /** Whether its first argument is a path. */
  readonly takesPath: boolean;
}

/** All commands with their flags, as commander knows them. */
export function commandTree(program: Command): readonly CommandEntry[] {
  return program.commands.map((command) => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      summary: command.summary() || command.description(),
      flags: [
        ...command.options.map(flagOf),
        {names: ['-h', '--help'], description: 'print help', takesValue: false, choices: []},
      ],
      choices: argument?.argChoices ?? [],
      takesPath: argument !== undefined && /file|folder/i.test(argument.name()),
    };
  });
}

function flagOf(option: Command['options'][number]): FlagEntry {
  return {
    names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}
