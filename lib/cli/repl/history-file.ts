import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';

const keptLines = 1000;

/** Where a prompt's history is kept: by the XDG base directory specification, or where SLOTH_HISTORY says; empty: nowhere. */
export function historyPath(env: NodeJS.ProcessEnv): string {
  const chosen = env['SLOTH_HISTORY'];
  if (chosen !== undefined) return chosen;
  const state = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'sloth-runner', 'history');
}

/** The lines of an earlier prompt, newest first. */
export function readHistory(path: string): string[] {
  try {
    return path === '' ? [] : (JSON.parse(readFileSync(path, 'utf8')) as string[]);
  } catch {
    return [];
  }
}

/** Keeps lines for the next prompt; one that cannot be kept is lost without a word. */
export function writeHistory(path: string, lines: readonly string[]): void {
  if (path === '') return;
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700});
    writeFileSync(path, JSON.stringify(lines.slice(0, keptLines)), {mode: 0o600});
  } catch {
    // A read-only home is no reason to end badly.
  }
}
