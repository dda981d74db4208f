import {Runtime} from '../../lib/runtime.js';
import type {RuntimeOptions} from '../../lib/runtime-options.js';
import {checkHistory, type Ending, type Event} from './check-history.js';
import {luaOf, type Program} from './program.js';

/** What a program printed, and how it ended. */
export interface History {
  readonly events: readonly Event[];
  readonly ending: Ending;
  /** As it was printed. */
  readonly text: string;
}

/** A runtime on which many generated programs run, one after the other. */
export class ModelRig {
  readonly #options: RuntimeOptions;
  readonly #runtime: Runtime;
  #printed = '';
  #flushes = 0;
  #onText: () => void = () => {};

  constructor(options: RuntimeOptions) {
    this.#options = options;
    const stdout = (text: unknown) => {
      this.#printed += String(text);
      this.#onText();
    };
    this.#runtime = new Runtime({...options, stdout, stderr: () => {}});
  }

  /** Runs a program and holds what happened against the models; throws with program and history when they differ. */
  async check(program: Program): Promise<History> {
    const source = luaOf(program);
    this.#printed = '';
    const {kind, message} = await this.#runtime.start(source, {chunkName: '=program', timeoutMs: 20_000}).report;
    await this.#flush();
    const explain = (wrong: string) => {
      const where = JSON.stringify(this.#options);
      return new Error(`${wrong}\non ${where}, of this program:\n\n${source}\nit printed:\n\n${this.#printed}`);
    };
    if (kind !== 'succeeded' && kind !== 'deadlock') throw explain(`the run ended as ${kind}: ${message}`);
    const events = eventsIn(this.#printed);
    const wrong = checkHistory(program, events, kind);
    if (wrong) throw explain(wrong);
    return {events, ending: kind, text: this.#printed};
  }

  async close(): Promise<void> {
    await this.#runtime.close();
  }

  // The report may overtake what was printed; what is printed later does not.
  async #flush(): Promise<void> {
    this.#flushes += 1;
    const mark = `flush ${this.#flushes}\n`;
    const arrived = new Promise<void>((resolve) => {
      this.#onText = () => {
        if (this.#printed.endsWith(mark)) resolve();
      };
    });
    await this.#runtime.run(`print("${mark.trim()}")`);
    await arrived;
    this.#printed = this.#printed.slice(0, -mark.length);
  }
}

/**
 * Runs a program twice on virtual clocks with one seed, which must be the same run, and holds that against the models.
 */
export async function checkVirtually(program: Program, seed: number): Promise<History> {
  const [first, second] = [await runVirtually(program, seed), await runVirtually(program, seed)];
  if (first.text === second.text && first.ending === second.ending) return first;
  throw new Error(`two runs with seed ${seed} differ:\n\n${luaOf(program)}\n${first.text}\nand\n\n${second.text}`);
}

async function runVirtually(program: Program, seed: number): Promise<History> {
  const rig = new ModelRig({seed, clock: 'virtual'});
  try {
    return await rig.check(program);
  } finally {
    await rig.close();
  }
}

/** The events a program printed. */
export function eventsIn(text: string): readonly Event[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind, actor, step, ...words] = line.split('\t');
      if (kind !== 'begin' && kind !== 'end') throw new Error(`no event: ${line}`);
      const [ok, ...results] = words;
      const answer = ok === 'false' ? `error ${results.join(' ').replace(/^program:\d+: /, '')}` : results.join(' ');
      return {kind, actor: Number(actor), step: Number(step), answer};
    });
}
