import type {HostFunction} from '../../host-function.js';
import type {LuaFunction} from '../../lua-function.js';
import type {Runtime} from '../../runtime.js';
import type {Sendable} from '../../sendable.js';
import type {Attempt} from './call-function.js';
import type {Clock, Rest} from './clock.js';
import {type CommandLine, type CommandOptions, runCommand} from './run-command.js';

const source = `
local sleep, now = goroutine.sleep, goroutine.now
return function(ms, rest) -- sleeps, and then waits until time is held
  defer(function() rest(now()) end)
  sleep(ms)
end, function(holding) -- holds time
  holding()
end`;

/** Turns of the event loop in which the engine does what follows from an end. */
const turnsToRest = 4;

/**
 * The virtual time of a runtime, as the engine sees it: its waits are goroutines of that runtime, so that they and those of
 * tasks end in one order, and a day passes at once when everybody waits.
 *
 * Time must stand still while the engine, which is no goroutine, does what follows from an end. A call of a host function
 * holds it. So each goroutine of the engine calls `rest` before it ends, which makes another goroutine hold time until the end
 * has been told and the engine has nothing left to do.
 */
export class VirtualClock implements Clock, Rest {
  readonly #sleep: LuaFunction;
  readonly #hold: LuaFunction;
  readonly #held = new Map<number, () => void>();
  #now = 0;

  private constructor(sleep: LuaFunction, hold: LuaFunction) {
    this.#sleep = sleep;
    this.#hold = hold;
    const rest = async (runId: number, now: Sendable): Promise<undefined> => {
      this.#now = Math.max(this.#now, Number(now));
      this.#held.set(runId, await this.#holdTime());
    };
    this.call = function (now) {
      return rest(this.runId, now);
    };
  }

  /** @param runtime one with a virtual clock. */
  static async of(runtime: Runtime): Promise<VirtualClock> {
    const [sleep, hold] = await runtime.run<[LuaFunction, LuaFunction]>(source, {chunkName: '=[task clock]'});
    return new VirtualClock(sleep, hold);
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const run = this.#sleep.start({args: [ms, this.call], signal});
    await run.report;
    this.ended(run.id);
  }

  readonly call: HostFunction;

  ended(runId: number): void {
    const release = this.#held.get(runId);
    this.#held.delete(runId);
    if (release) void afterTurns(turnsToRest).then(release);
  }

  /** Holds time while the engine begins. */
  async begin(): Promise<void> {
    const release = await this.#holdTime();
    void afterTurns(turnsToRest).then(release);
  }

  // Resolves once a goroutine holds time, to what makes it let go.
  #holdTime(): Promise<() => void> {
    return new Promise((resolve) => {
      const holding: HostFunction = () => new Promise<undefined>((release) => resolve(() => release(undefined)));
      void this.#hold.start({args: [holding]}).report;
    });
  }

  /** Runs a command while time stands still. */
  readonly runCommand = async (command: CommandLine, options: CommandOptions): Promise<Attempt> => {
    const release = await this.#holdTime();
    try {
      return await runCommand(command, options);
    } finally {
      void afterTurns(turnsToRest).then(release);
    }
  };
}

async function afterTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((next) => setImmediate(next));
}
