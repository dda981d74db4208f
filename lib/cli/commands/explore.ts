import type {Command} from 'commander';
import {exitCodesHelp} from '../exit-code.js';
import type {ExploreFlags} from '../explore-command.js';
import {parseRuns, parseSeed, parseTimeout} from '../flag-values.js';
import type {CommandContext} from './command-context.js';

interface RawExploreFlags {
  readonly runs: number;
  readonly seed: bigint;
  readonly anyOutput?: true;
  readonly timeout?: number;
  readonly wait: boolean;
  readonly failFast?: true;
}

/** Defines `explore`. */
export function addExploreCommand(program: Command, {scriptArgs, finish}: CommandContext): void {
  program
    .command('explore')
    .summary('look for a seed with which a .lua script fails')
    .description(
      'Runs a .lua script with one seed after the other, as run --virtual-time does, and stops at the first that ends in an\n' +
        'error, a deadlock or an exit code other than 0, or prints something else than the first one did. Prints what that\n' +
        'run printed, and the command that repeats it.',
    )
    .usage('[options] <file> [-- args...]')
    .argument('<file>', 'what to run')
    .showHelpAfterError('(arguments for the script stand behind --; see sloth-runner explore --help)')
    .option('--runs <n>', 'how many seeds to try', parseRuns, 1000)
    .option('--seed <n>', 'the first seed', parseSeed, 0n)
    .option('--any-output', 'go on when a run prints something else than the first one')
    .option('--timeout <d>', 'virtual time after which a run fails, such as 500ms, 10s or 1h30m', parseTimeout)
    .option('--no-wait', 'cancel goroutines that still run when the main chunk returns')
    .option('--fail-fast', 'the first uncaught goroutine error ends a run')
    .addHelpText('after', `\n${exitCodesHelp()}`)
    .action(async (file: string, flags: RawExploreFlags) => {
      const {exploreCommand} = await import('../explore-command.js');
      finish(await exploreCommand(file, scriptArgs, exploreFlags(flags)));
    });
}

function exploreFlags({runs, seed, anyOutput, timeout, wait, failFast}: RawExploreFlags): ExploreFlags {
  return {
    runs,
    seed,
    anyOutput: anyOutput ?? false,
    ...(timeout !== undefined && {timeoutMs: timeout}),
    wait,
    failFast: failFast ?? false,
  };
}
