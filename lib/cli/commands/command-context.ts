/** What every command's definition is given. */
export interface CommandContext {
  /** What stood behind `--`. */
  readonly scriptArgs: readonly string[];
  /** Takes the exit code of the command that ran. */
  readonly finish: (code: number) => void;
}
