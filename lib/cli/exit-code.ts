/** What the process ends with; the same for every command. */
export const exitCode = {
  ok: 0,
  luaError: 1,
  usage: 2,
  syntax: 3,
  tasksFailed: 4,
  deadlock: 5,
  needsAttention: 6,
  explored: 7,
  timeout: 124,
  interrupted: 130,
} as const;

/** The table that `--help` and the documentation show. */
export const exitCodeTable: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'success'],
  ['1', 'a Lua error, uncaught errors of goroutines included'],
  ['2', 'wrong usage: an unknown flag, a file that is missing, a directory or compiled Lua'],
  ['3', 'the file cannot be run: a syntax error, or definitions of tasks that are wrong'],
  ['4', 'tasks failed'],
  ['5', 'deadlock: every goroutine waits for ever'],
  ['6', 'something that was done could not be undone: the run needs attention'],
  ['7', 'explore found a run that fails, or prints something else'],
  ['124', 'the time of --timeout was over'],
  ['130', 'interrupted by Ctrl-C or SIGTERM'],
  ['n', 'the script called os.exit(n)'],
];

/** The table as `--help` shows it. */
export function exitCodesHelp(): string {
  return `Exit codes:\n${exitCodeTable.map(([code, meaning]) => `  ${code.padEnd(4)} ${meaning}`).join('\n')}\n`;
}
