import {Argument, type Command} from 'commander';
import {type Shell, shells} from '../completion/scripts.js';
import type {CommandContext} from './command-context.js';

/** Defines the commands that run no program: `docs`, `init`, `repl`, `completion`, `doctor`, `build-native`. */
export function addToolCommands(program: Command, {finish}: CommandContext): void {
  program
    .command('docs')
    .summary('tell about the functions that Lua programs can call')
    .description(
      'Tells about a module (channel), a function (channel.make) or a method (mutex.lock); alone, lists all.',
    )
    .argument('[name]', 'what to tell about')
    .option('--json', 'print the entries of the registry')
    .action(async (name: string | undefined, flags: {readonly json?: true}) => {
      const {docsCommand} = await import('../docs-command.js');
      finish(docsCommand(name, {json: flags.json ?? false}));
    });

  program
    .command('init')
    .summary('write a starter task file and editor settings')
    .description('Writes build.sloth and .luarc.json into a folder. What is there already is left alone.')
    .argument('[folder]', 'where to', '.')
    .action(async (folder: string) => {
      const {initCommand} = await import('../init-command.js');
      finish(initCommand(folder));
    });

  program
    .command('repl')
    .summary('a Lua prompt with goroutines')
    .description(
      'Evaluates Lua line by line, always with the same globals. Goroutines go on while the next line is typed.\n' +
        'Where standard input is no terminal its lines are evaluated without a prompt.',
    )
    .action(async () => {
      const {replCommand} = await import('../repl-command.js');
      finish(await replCommand());
    });

  program
    .command('completion')
    .summary('print what makes a shell complete this program')
    .description('Prints a script for bash, zsh or fish; its first line says where to put it.')
    .addArgument(new Argument('<shell>', 'for which shell').choices(shells))
    .action(async (shell: Shell) => {
      const {completionCommand} = await import('../completion-command.js');
      finish(completionCommand(shell, program));
    });

  program
    .command('doctor')
    .summary('tell what the native part finds on this machine')
    .description('Prints platform, C library, versions, and each native binary that was tried with what came of it.')
    .action(async () => {
      const {doctorCommand} = await import('../doctor-command.js');
      finish(doctorCommand());
    });

  program
    .command('build-native')
    .summary('compile the native part where no prebuilt binary fits')
    .description('Compiles the native part of this installation. Needs a C++20 compiler, make and Python 3.')
    .action(async () => {
      const {buildNativeCommand} = await import('../build-native-command.js');
      finish(await buildNativeCommand());
    });
}
