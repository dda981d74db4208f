import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import type {RuntimeOptions} from '../../lib/runtime-options.js';
import {type Ended, runScript, type ScriptOptions} from '../lua/script.js';

const folder = fileURLToPath(new URL('./programs/', import.meta.url));

/** Programs that print no addresses: names and sources. */
export const programs: readonly (readonly [name: string, source: string])[] = readdirSync(folder)
  .sort()
  .map((name) => [name, readFileSync(folder + name, 'utf8')]);

export interface VirtualOptions extends ScriptOptions {
  readonly seed?: number;
  readonly workers?: number;
}

/** Runs a script on a virtual clock. */
export function runVirtual(source: string, {seed = 0, workers = 1, ...options}: VirtualOptions = {}): Promise<Ended> {
  const runtime: RuntimeOptions = {clock: 'virtual', seed, workers, ...options.runtime};
  return runScript(source, {timeoutMs: Number.POSITIVE_INFINITY, ...options, runtime});
}

/** Everything a run shows, as one text. */
export async function traceOf(source: string, options?: VirtualOptions): Promise<string> {
  const {kind, message = '', stdout, stderr, uncaught, values} = await runVirtual(source, options);
  return JSON.stringify({kind, message, stdout, stderr, uncaught, values}, null, 1);
}
