#!/usr/bin/env node
import {CommanderError} from 'commander';
import {exitCode} from './exit-code.js';
import {createProgram} from './program.js';

/** Runs one command line and returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const split = argv.indexOf('--');
  const own = split === -1 ? argv : argv.slice(0, split);
  const scriptArgs = split === -1 ? [] : argv.slice(split + 1);
  if (own[0] === '--version' || own[0] === '-V') {
    const {versionText} = await import('./version.js');
    process.stdout.write(versionText());
    return exitCode.ok;
  }
  let code: number = exitCode.ok;
  const program = createProgram(scriptArgs, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync(own, {from: 'user'});
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  }
  return code;
}

// A reader that went away (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.ok);
    throw error;
  });
}

try {
  await exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  await exit(exitCode.luaError);
}

// Not by itself: a thread stuck in C may be left behind.
async function exit(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

// A pipe takes 64 KiB at once, and the rest when somebody reads.
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
}

// An error with a code says what to do; any other is ours, and its stack tells where.
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `error: ${error.message}` : (error.stack ?? error.message);
}
