import {Command} from 'commander';
import {addExploreCommand} from './commands/explore.js';
import {addRunCommand} from './commands/run.js';
import {addRunCommands, addTaskFileCommands} from './commands/task-files.js';
import {addToolCommands} from './commands/tools.js';
import {exitCodesHelp} from './exit-code.js';

/**
 * The command line as commander knows it. What a command does is loaded when it runs.
 *
 * @param scriptArgs what stood behind `--`.
 * @param finish takes the exit code of the command that ran.
 */
export function createProgram(scriptArgs: readonly string[], finish: (code: number) => void): Command {
  const program = new Command('sloth-runner')
    .description('Runs Lua scripts and .sloth task files; goroutines in them use all cores.')
    .option('-V, --version', 'print the versions of this program, of Lua and of Node.js')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', `\n${exitCodesHelp()}`)
    .showHelpAfterError('(see sloth-runner --help)')
    .exitOverride();

  const context = {scriptArgs, finish};
  addRunCommand(program, context);
  addTaskFileCommands(program, context);
  addRunCommands(program, context);
  addExploreCommand(program, context);
  addToolCommands(program, context);
  return program;
}
