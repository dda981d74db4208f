import type {Border} from './border.js';
import {SlothError} from './errors.js';
import type {NativeBinding, NativeRuntime} from './native/binding.js';
import type {NativeEngine, NativeEngineCallbacks, NativeEngineOptions} from './native/native-engine.js';

/** The synchronous engines on one runtime: they are closed with it, and their goroutines keep the process alive. */
export class EngineList {
  readonly #binding: NativeBinding;
  readonly #runtime: NativeRuntime;
  /** How values cross on this runtime. */
  readonly border: Border;
  readonly #isVirtual: boolean;
  readonly #onChange: () => void;
  readonly #open = new Map<NativeEngine, () => void>();
  #working = false;
  #closed = false;

  constructor(
    binding: NativeBinding,
    runtime: NativeRuntime,
    border: Border,
    isVirtual: boolean,
    onChange: () => void,
  ) {
    this.#binding = binding;
    this.#runtime = runtime;
    this.border = border;
    this.#isVirtual = isVirtual;
    this.#onChange = onChange;
  }

  /** Whether goroutines that they started are alive, as far as is known. */
  get working(): boolean {
    return this.#working;
  }

  /** @throws SlothError `E_CLOSED` when the runtime is closed, `E_VALUE` when its clock is virtual. */
  make(options: NativeEngineOptions, callbacks: NativeEngineCallbacks, close: () => void): NativeEngine {
    if (this.#closed) throw new SlothError('E_CLOSED', 'the runtime is closed');
    if (this.#isVirtual) {
      throw new SlothError('E_VALUE', "a runtime with clock: 'virtual' cannot be lent: its runs would not repeat");
    }
    const engine = this.#binding.createEngine(this.#runtime, options, callbacks);
    this.#open.set(engine, close);
    return engine;
  }

  remove(engine: NativeEngine): void {
    this.#open.delete(engine);
    this.onIdle();
  }

  onWorking(): void {
    this.#working = true;
    this.#onChange();
  }

  /** Goroutines of engines have ended: perhaps all of them. */
  onIdle(): void {
    if (!this.#working || this.#closed) return;
    this.#working = [...this.#open.keys()].some((engine) => engine.stats().goroutines > 0);
    if (!this.#working) this.#onChange();
  }

  close(): void {
    this.#closed = true;
    for (const close of [...this.#open.values()]) close();
  }
}
