import {createHash} from 'node:crypto';
import {SlothError} from '../errors.js';
import {Permissions} from '../modules/permissions.js';
import {standardModules} from '../modules/standard-modules.js';
import type {RunReport} from '../run-report.js';
import {Runtime} from '../runtime.js';
import {readScript, type Script} from '../util/read-script.js';
import {sourceText} from '../util/source-text.js';
import {exitCode} from './exit-code.js';
import {abortOnInterrupt} from './interrupts.js';
import {paletteFor} from './palette.js';
import {renderReport} from './render-report.js';
import {replayCommand} from './replay-command.js';
import {notDeterministic} from './run-command.js';

/** The flags of `explore`, as they were given. */
export interface ExploreFlags {
  readonly runs: number;
  /** The first seed; the others follow it. */
  readonly seed: bigint;
  /** Whether a run may print something else than the first one. */
  readonly anyOutput: boolean;
  /** Of virtual time, for each run. */
  readonly timeoutMs?: number;
  readonly wait: boolean;
  readonly failFast: boolean;
}

interface SeedRun {
  readonly report: RunReport;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script with one seed after the other until one of them shows something; returns the exit code. */
export async function exploreCommand(path: string, args: readonly string[], flags: ExploreFlags): Promise<number> {
  const palette = paletteFor(process.stderr);
  const complain = (message: string): number => {
    say(`${palette.bad('error:')} ${message}`);
    return exitCode.usage;
  };
  let script: Script;
  try {
    script = await readScript(path);
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    return complain(error.message);
  }
  if (script.dialect === 'task') return complain(notDeterministic('explore', path));

  const controller = new AbortController();
  const {signal} = controller;
  const stopListening = abortOnInterrupt(controller, new Error('interrupted'));
  const outputs = new Set<string>();
  let first: SeedRun | undefined;
  try {
    for (let index = 0; index < flags.runs; index += 1) {
      const seed = flags.seed + BigInt(index);
      const run = await runSeed(script, [path, ...args], seed, flags, signal);
      if (signal.aborted) {
        say(`interrupted in run ${index + 1} of ${flags.runs}, with seed ${seed}`);
        return exitCode.interrupted;
      }
      first ??= run;
      outputs.add(createHash('sha256').update(run.stdout).digest('base64'));
      const {text, code} = renderReport(run.report, sourceText(script.source), palette);
      const differs = !flags.anyOutput && run.stdout !== first.stdout;
      if (code === exitCode.ok && !differs) continue;
      process.stdout.write(run.stdout);
      process.stderr.write(run.stderr);
      say(text);
      if (code === exitCode.syntax) return code;
      say(`${palette.bad('found:')} seed ${seed}, run ${index + 1} of ${flags.runs}: ${describe(run, code, first)}`);
      say(`repeat it: ${replayCommand(path, args, {...flags, seed})}`);
      return exitCode.explored;
    }
  } finally {
    stopListening();
  }
  const printed = outputs.size === 1 ? 'the same output each time' : `${outputs.size} different outputs`;
  say(`${flags.runs} ${flags.runs === 1 ? 'run' : 'runs'} from seed ${flags.seed}: no failure, ${printed}`);
  return exitCode.ok;
}

async function runSeed(
  {source, chunkName}: Script,
  scriptArg: readonly string[],
  seed: bigint,
  {timeoutMs, wait, failFast}: ExploreFlags,
  signal: AbortSignal,
): Promise<SeedRun> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const runtime = new Runtime({
    seed,
    clock: 'virtual',
    modules: standardModules({permissions: Permissions.all(), stateFile: ':memory:'}),
    stdout: (bytes) => void out.push(Buffer.from(bytes)),
    stderr: (bytes) => void err.push(Buffer.from(bytes)),
  });
  const options = {args: scriptArg.slice(1), scriptArg, chunkName, timeoutMs, noWait: !wait, failFast, signal};
  const report = await runtime.start(source, options).report;
  await runtime.close({deadlineMs: 2000});
  return {report, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()};
}

function describe({report, stdout}: SeedRun, code: number, first: SeedRun): string {
  if (report.kind === 'exit') return `the script called os.exit(${code})`;
  if (code !== exitCode.ok) return report.kind === 'succeeded' ? 'a goroutine failed' : whatHappened[report.kind];
  const lines = stdout.split('\n');
  const firstLines = first.stdout.split('\n');
  const index = lines.findIndex((line, i) => line !== firstLines[i]);
  const at = index === -1 ? lines.length : index;
  return `line ${at + 1} of the output is ${shown(lines[at])}, with the first seed ${shown(firstLines[at])}`;
}

const whatHappened = {
  failed: 'it failed',
  memory: 'its memory was over',
  syntax: 'it does not parse',
  timeout: 'its time was over',
  cancelled: 'it was cancelled',
  deadlock: 'a deadlock',
} as const;

function shown(line: string | undefined): string {
  return line === undefined ? 'missing' : JSON.stringify(line);
}

function say(text: string): void {
  if (text !== '') process.stderr.write(`${text}\n`);
}
