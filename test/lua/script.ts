import {chai, expect, it} from 'vitest';
import type {RunOptions} from '../../lib/run-options.js';
import type {RunReport} from '../../lib/run-report.js';
import {Runtime} from '../../lib/runtime.js';
import type {RuntimeOptions} from '../../lib/runtime-options.js';
import type {Sendable} from '../../lib/sendable.js';

// What a failure shows is what the script said.
chai.config.truncateThreshold = 0;

/** How one script ended, what it wrote, and how long it took. */
export interface Ended extends RunReport {
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface ScriptOptions extends RunOptions {
  readonly runtime?: RuntimeOptions;
}

/** What is alive in a runtime that rests. */
export const nothingAlive = {runs: 0, goroutines: 0, islands: 0};

/** Runs a script on a runtime of its own, and holds the runtime to leaving nothing behind. */
export async function runScript(source: string, {runtime: options, ...run}: ScriptOptions = {}): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const runtime = new Runtime({
    workers: 2,
    stdout: (text) => void out.push(String(text)),
    stderr: (text) => void err.push(String(text)),
    ...options,
  });
  const startedAt = performance.now();
  const report = await runtime.start(source, {chunkName: '=script', timeoutMs: 20_000, ...run}).report;
  const ms = performance.now() - startedAt;
  await runtime.close();
  expect(runtime.stats()).toMatchObject(nothingAlive);
  return {...report, stdout: out.join(''), stderr: err.join(''), ms};
}

/** What a script returns that must succeed and complain about nothing. */
export async function valuesOf(source: string, options?: ScriptOptions): Promise<readonly Sendable[]> {
  const {kind, message = '', values, stderr, uncaught} = await runScript(source, options);
  expect({kind, message, stderr, uncaught}).toEqual({kind: 'succeeded', message: '', stderr: '', uncaught: 0});
  return values;
}

/** The message of a script that must fail. */
export async function errorOf(source: string, options?: ScriptOptions): Promise<string> {
  const {kind, message, values} = await runScript(source, options);
  expect({kind, values}).toEqual({kind: 'failed', values: []});
  return message ?? '';
}

/** A sentence, a script, and what it returns. */
export type Row = readonly [sentence: string, source: string, ...values: readonly unknown[]];
/** A sentence, a script, and what the message it fails with contains. */
export type Misuse = readonly [sentence: string, source: string, message: string | RegExp];

/** One test a row: the script returns those values, and complains about nothing. */
export function itReturns(rows: readonly Row[]): void {
  for (const [sentence, source, ...values] of rows) {
    it(sentence, async () => {
      expect(await valuesOf(source)).toEqual(values);
    });
  }
}

/** One test a row: the script fails with that message. */
export function itRaises(rows: readonly Misuse[]): void {
  for (const [sentence, source, message] of rows) {
    it(sentence, async () => {
      expect(await errorOf(source)).toMatch(message);
    });
  }
}
