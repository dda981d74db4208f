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

  stdout(bytes: Uint8Array): void {
    this.#stdout?.(bytes);
  }

  stderr(bytes: Uint8Array): void {
    this.#stderr?.(bytes);
  }

  /** A line of the host's own, where scripts' errors go. */
  say(line: string): void {
    if (this.#stderr) this.#stderr(Buffer.from(`${line}\n`));
    else process.stderr.write(`${line}\n`);
  }

  #take({stdout, stderr}: OutputTargets): void {
    this.#stdout = stdout && outputSink(stdout, (held) => this.#native().holdOutput('stdout', held));
    this.#stderr = stderr && outputSink(stderr, (held) => this.#native().holdOutput('stderr', held));
  }
}
