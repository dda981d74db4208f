import type {Command} from 'commander';
import {commandTree} from './completion/command-tree.js';
import {completionScript, type Shell} from './completion/scripts.js';
import {exitCode} from './exit-code.js';

/** Prints what makes a shell complete this program; returns the exit code. */
export function completionCommand(shell: Shell, program: Command): number {
  process.stdout.write(completionScript(shell, commandTree(program)));
  return exitCode.ok;
}
