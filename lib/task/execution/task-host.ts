import type {HostCall, HostFunction} from '../../host-function.js';
import type {LuaFunction} from '../../lua-function.js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {asText, textOf} from '../../util/text-of.js';
import type {PreludeHost} from '../preludes.js';
import {dataOf} from './data-of.js';

/** A folder that code of a task works in. */
export interface Workdir {
  /** An absolute path. */
  readonly path: string;
  /** It was not there before the run made it for the task: the code may remove it. */
  readonly isMade: boolean;
}

/** What code of a running task, hook or compensation may ask the engine for. */
export interface RunningCode {
  /** Saves a checkpoint; resolves to its id once it is kept. */
  checkpoint(name: string, data: Sendable): Promise<string>;
  /** Merged into the task's output. */
  export(fields: Readonly<Record<string, Sendable>>): void;
  rollback(
    checkpoint: string | undefined,
  ): Promise<{readonly name: string; readonly undone: readonly string[]} | string>;
  beginSaga(name: string): number;
  compensate(saga: number, compensation: LuaFunction): void;
  commitSaga(saga: number): void;
  /** Hands a value on to those who read what the task emits. */
  emit(value: Sendable): Promise<void>;
  /** What another task emits, from the first value on. */
  stream(task: string): AsyncIterable<Sendable>;
  temporaryFolder(): Promise<string>;
  readonly workdir: Workdir;
  /** Asks for `this.state` from time to time, while the attempt runs. */
  keepState(read: LuaFunction): void;
  shell(command: string, signal: AbortSignal): Promise<Readonly<Record<string, Sendable>>>;
}

/** A plugin that was loaded. */
export interface LoadedPlugin {
  /** What `import("plugin:NAME")` gives. */
  readonly functions: Readonly<Record<string, HostFunction>>;
  /** Lua that returns the methods it adds to tasks, by name. */
  readonly methods: {readonly file: string; readonly source: string} | undefined;
}

/** Where plugins come from. */
export interface PluginSource {
  /** @throws Error that says what is wrong with it. */
  load(name: string, searchPaths: readonly string[]): Promise<LoadedPlugin>;
}

/** What loading a file gives to its Lua code. */
export interface LoadingHost {
  publish(describe: Sendable): void;
  readonly values: Readonly<Record<string, Sendable>>;
  /** The source of a template that ships with the product, or why there is none. */
  template(name: string): string | {readonly problem: string};
  /** `enabled` and `paths` are what the file's `runner_config` says by then. */
  plugin(name: string, enabled: Sendable, paths: Sendable): Promise<LoadedPlugin>;
  /** The methods that tasks have. */
  readonly taskMethods: readonly string[];
}

/**
 * The functions of the engine that Lua code of a task file calls. Which code calls is told by its run: whatever a task
 * starts, on whatever island, is part of the task's run.
 */
export class TaskHost {
  readonly #running = new Map<number, RunningCode>();

  /** Until it is unbound, calls of this run are those of `code`. */
  bind(runId: number, code: RunningCode): void {
    this.#running.set(runId, code);
  }

  unbind(runId: number): void {
    this.#running.delete(runId);
  }

  /** Where the code of a run works; nothing for what is no code of a task. */
  workdirOf(runId: number): Workdir | undefined {
    return this.#running.get(runId)?.workdir;
  }

  /** What the chunks of the DSL are given. */
  functions({publish, values, template, plugin, taskMethods}: LoadingHost): PreludeHost {
    const code = (call: HostCall, name: string): RunningCode => this.#codeOf(call.runId, name);
    const functions: Record<string, HostFunction> = {
      publish: (describe) => publish(describe),
      template(name) {
        const found = template(asText(name));
        return typeof found === 'string' ? found : results(undefined, found.problem);
      },
      async plugin(name, enabled, paths) {
        try {
          const {functions: own, methods} = await plugin(asText(name), enabled, paths);
          return results({...own}, undefined, methods?.source, methods?.file, [...taskMethods]);
        } catch (error) {
          return results(undefined, textOf(error));
        }
      },
      checkpoint(name, data) {
        return code(this, 'task.checkpoint').checkpoint(asText(name), dataOf(data));
      },
      export(fields) {
        code(this, 'export').export(dataOf(fields) as Record<string, Sendable>);
      },
      async rollback(checkpoint) {
        const name = checkpoint === undefined ? undefined : asText(checkpoint);
        const done = await code(this, 'rollback.execute').rollback(name);
        return typeof done === 'string'
          ? results(undefined, done)
          : results(true, {name: done.name, undone: [...done.undone]});
      },
      saga_begin(name) {
        return code(this, 'saga.begin').beginSaga(asText(name));
      },
      saga_compensate(saga, compensation) {
        code(this, 'saga.compensate').compensate(Number(saga), compensation as LuaFunction);
      },
      saga_commit(saga) {
        code(this, 'saga.commit').commitSaga(Number(saga));
      },
      emit(value) {
        return code(this, 'this.emit').emit(value);
      },
      stream(task) {
        return code(this, 'deps').stream(asText(task));
      },
      temp_directory() {
        return code(this, 'ctx.temp_directory').temporaryFolder();
      },
      keep_state(read) {
        code(this, 'this.state').keepState(read as LuaFunction);
      },
      shell(command) {
        return code(this, 'a command line').shell(asText(command), this.signal);
      },
    };
    return {...functions, values};
  }

  #codeOf(runId: number, name: string): RunningCode {
    const code = this.#running.get(runId);
    if (code) return code;
    throw new Error(`${name} works in a running task, hook or compensation`);
  }
}
