import type {HostFunction} from '../../host-function.js';
import type {LuaFunction} from '../../lua-function.js';
import type {Runtime} from '../../runtime.js';
import type {Attempt} from './call-function.js';
import type {Clock} from './clock.js';
import {type CommandLine, type CommandOptions, runCommand} from './run-command.js';

const source = `
local sleep, now = goroutine.sleep, goroutine.now
return function(ms, rest) -- sleeps, and then waits until the host has come to rest
  defer(function() rest(now()) end)
  sleep(ms)
end, function(holding) -- keeps time standing still
  holding()
end, now`;

/**
 * The virtual time of a runtime, as the engine sees it: its waits are goroutines of that runtime, so that they and those of
 * tasks end in one order, and a day passes at once when everybody waits.
 *
 * Time must stand still while the engine, which is no goroutine, does what follows from an end. A call of a host function holds
 * it. So each goroutine of the engine ends with a call of `rest`, which first makes another goroutine hold time, and lets
 * that one go when the event loop has nothing left to do.
 */
export class VirtualClock implements Clock {
  readonly #sleep: LuaFunction;
  readonly #hold: LuaFunction;
  readonly #startedAt = 0;
  #now = 0;

  private constructor(sleep: LuaFunction, hold: LuaFunction) {
    this.#sleep = sleep;
    this.#hold = hold;
  }

  /** @param runtime one with a virtual clock. */
  static async of(runtime: Runtime): Promise<VirtualClock> {
    const [sleep, hold] = await runtime.run<[LuaFunction, LuaFunction]>(source, {chunkName: '=[task clock]'});
    return new VirtualClock(sleep, hold);
  }

  now(): number {
    return this.#startedAt + this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await this.#sleep.start({args: [ms, this.rest], signal}).report;
  }

  /** For goroutines that work for the engine: called before they end, with the time. */
  readonly rest: HostFunction = async (now) => {
    this.#now = Math.max(this.#now, Number(now));
    await this.#holdUntilRest();
  };

  // Resolves when another goroutine holds time; it lets go once promises and pending turns of the event loop are done.
  #holdUntilRest(): Promise<void> {
    return new Promise((resolve) => {
      const holding: HostFunction = async () => {
        resolve();
        for (let turn = 0; turn < 8; turn += 1) await new Promise((next) => setImmediate(next));
      };
      void this.#hold.start({args: [holding]}).report;
    });
  }

  /** Runs a command while time stands still. */
  readonly runCommand = async (command: CommandLine, options: CommandOptions): Promise<Attempt> => {
    let attempt: Attempt | undefined;
    const running: HostFunction = async () => {
      attempt = await runCommand(command, options);
    };
    await this.#hold.start({args: [running]}).report;
    return attempt ?? {outcome: {kind: 'cancelled', reason: 'the runtime was closed'}, uncaught: 0};
  };
}
