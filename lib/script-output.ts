import type {RunOutput} from './live-run.js';
import type {NativeRuntime} from './native/binding.js';
import {type OutputTarget, outputSink} from './output-sink.js';

/** Who takes what scripts write; missing: the process's own stream, which the addon writes itself. */
export interface OutputTargets {
  readonly stdout?: OutputTarget | undefined;
  readonly stderr?: OutputTarget | undefined;
}

type Sink = (bytes: Uint8Array) => void;

/** The output of one runtime's scripts, as far as JavaScript takes it. */
export class ScriptOutput {
  readonly #native: () => NativeRuntime;
  readonly #holds = {stdout: 0, stderr: 0};
  #stdout: Sink | undefined;
  #stderr: Sink | undefined;

  /** @param native asked when output comes, not before. */
  constructor(native: () => NativeRuntime, targets: OutputTargets) {
    this.#native = native;
    this.#take(targets);
  }

  /** These take it from now on, also what the addon wrote itself. */
  divert(targets: Required<OutputTargets>): void {
    this.#take(targets);
    this.#native().divertOutput();
  }

  /** Hands on what a run wrote: to those who take its own output, if there are any. */
  take(stream: 'stdout' | 'stderr', bytes: Uint8Array, own: RunOutput | undefined): void {
    const shared = stream === 'stdout' ? this.#stdout : this.#stderr;
    const taken = own ? own(stream, bytes) : shared?.(bytes);
    if (!(taken instanceof Promise)) return;
    this.#hold(stream, true);
    void taken.finally(() => this.#hold(stream, false));
  }

  /** A line of the host's own, where scripts' errors go. */
  say(line: string): void {
    if (this.#stderr) this.#stderr(Buffer.from(`${line}\n`));
    else process.stderr.write(`${line}\n`);
  }

  // Whoever writes waits until as many have let go as held.
  #hold(stream: 'stdout' | 'stderr', held: boolean): void {
    const before = this.#holds[stream];
    this.#holds[stream] = before + (held ? 1 : -1);
    if (before === 0 || this.#holds[stream] === 0) this.#native().holdOutput(stream, held);
  }

  #take({stdout, stderr}: OutputTargets): void {
    this.#stdout = stdout && outputSink(stdout, (held) => this.#hold('stdout', held));
    this.#stderr = stderr && outputSink(stderr, (held) => this.#hold('stderr', held));
  }
}
