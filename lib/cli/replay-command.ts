/** What a run of a seed was made with. */
export interface ReplayedRun {
  readonly seed: bigint;
  readonly timeoutMs?: number;
  readonly wait: boolean;
  readonly failFast: boolean;
}

/** The command line that repeats a deterministic run. */
export function replayCommand(path: string, args: readonly string[], run: ReplayedRun): string {
  const words = ['sloth-runner', 'run', '--seed', String(run.seed), '--virtual-time'];
  if (run.timeoutMs !== undefined) words.push('--timeout', `${run.timeoutMs}ms`);
  if (!run.wait) words.push('--no-wait');
  if (run.failFast) words.push('--fail-fast');
  words.push(path, ...(args.length > 0 ? ['--', ...args] : []));
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
