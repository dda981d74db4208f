import type {Attempt} from './call-function.js';
import type {EmissionReader, Emissions} from './emissions.js';

/** What one task reads of what others emit, in the call that runs. */
export class StreamReading {
  readonly #emissions: ReadonlyMap<string, Emissions>;
  readonly #readers: EmissionReader[] = [];
  #restart: () => void = () => undefined;

  constructor(emissions: ReadonlyMap<string, Emissions>) {
    this.#emissions = emissions;
  }

  /** What a task emits, from the first value on. */
  read(name: string): EmissionReader {
    const emissions = this.#emissions.get(name);
    if (!emissions) throw new Error(`internal: nothing reads what '${name}' emits`);
    const reader = emissions.read(() => this.#restart());
    this.#readers.push(reader);
    return reader;
  }

  /** A call has ended: whoever emits need not wait for it. */
  close(): void {
    for (const reader of this.#readers.splice(0)) reader.close();
  }

  /** Makes a call, and another when what it read was taken back meanwhile. */
  async attempt(signal: AbortSignal, call: (signal: AbortSignal) => Promise<Attempt>): Promise<Attempt> {
    let uncaught = 0;
    for (;;) {
      const again = new AbortController();
      this.#restart = () => again.abort(new Error('what it read was taken back'));
      const attempt = await call(AbortSignal.any([signal, again.signal]));
      this.close();
      uncaught += attempt.uncaught;
      if (attempt.outcome.kind !== 'cancelled' || !again.signal.aborted || signal.aborted)
        return {...attempt, uncaught};
    }
  }
}
