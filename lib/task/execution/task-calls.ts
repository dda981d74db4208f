import {randomUUID} from 'node:crypto';
import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';
import {unreachable} from '../../util/unreachable.js';
import type {DefinedFunction} from '../defined-function.js';
import type {EventBody} from '../events.js';
import type {Failure, Outcome} from '../outcome.js';
import type {Guard, Hook, PlannedTask, PlannedWorkflow, TaskHookName} from '../plan.js';
import type {Template} from '../templates/template.js';
import type {Admission} from './admission.js';
import type {Attempt, AttemptOptions, Request} from './call-function.js';
import {checkpointForLua} from './checkpoint-for-lua.js';
import type {CheckpointRecord, RecalledTask, TaskKey} from './execution-store.js';
import type {Files} from './files.js';
import {type FillingPlace, fillTask, templateDataOf} from './fill-task.js';
import {type FilledCommand, fillCommand, type TemplateData} from './fill-template.js';
import {islandLimits, namingLimits} from './lua-limits.js';
import type {Pace} from './pace.js';
import type {OutputListener} from './run-command.js';
import type {RunContext} from './run-context.js';
import type {Sagas} from './sagas.js';
import {StateKeeper} from './state-keeper.js';
import {StreamReading} from './stream-reading.js';
import type {RunningCode} from './task-host.js';
import type {WorkflowState} from './workflow-state.js';

/** What the tasks of one workflow share. */
export interface TaskSurroundings {
  readonly workflow: PlannedWorkflow;
  readonly context: RunContext;
  readonly state: WorkflowState;
  readonly admission: Admission;
  readonly sagas: Sagas;
  readonly files: Files;
  readonly paces: Map<string, Pace>;
  readonly rollback: RunningCode['rollback'];
  /** Told of what breaks the whole run: a store that fails. */
  readonly failed: (error: unknown) => void;
}

/** A piece of what a task wrote. */
export interface LogPiece {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** What a guard said, and in words. */
export interface Answer {
  readonly holds: boolean;
  readonly why: string;
}

/** How the code of one task is called: its function or command line, its guards and hooks; and what they may ask for. */
export class TaskCalls {
  readonly #task: PlannedTask;
  readonly #around: TaskSurroundings;
  readonly #signal: AbortSignal;
  readonly #key: TaskKey;
  params: Readonly<Record<string, Sendable>>;
  env: Readonly<Record<string, string>> = {};
  workdir: string;
  /** What `export` and `outputs` add to its output. */
  exports: Record<string, Sendable> = {};
  attempt = 0;
  uncaught = 0;
  recalled: RecalledTask | undefined;
  #checkpoint: CheckpointRecord | undefined;
  /** What `this.state` is when an attempt begins. */
  #savedState: Sendable;
  #keeper: StateKeeper | undefined;
  readonly #reading: StreamReading;
  #isActing = false;
  /** What it writes is noted here, once this is set. */
  log: LogPiece[] | undefined;

  constructor(task: PlannedTask, around: TaskSurroundings, signal: AbortSignal) {
    this.#task = task;
    this.#around = around;
    this.#signal = signal;
    this.#reading = new StreamReading(around.state.emissions);
    this.#key = {runId: around.context.runId, workflow: around.workflow.name, task: task.name};
    this.params = task.params;
    this.workdir = around.context.workdir;
  }

  /** Takes over what an earlier part of the run left. */
  recall(recalled: RecalledTask | undefined): void {
    this.recalled = recalled;
    this.#checkpoint = recalled?.checkpoint;
    this.#savedState = recalled?.state;
  }

  /** Fills in what has placeholders. @throws MissingValue when there is no value for one. */
  prepare(): void {
    const {params, env, workdir, outputs} = fillTask(this.#task, this.place);
    this.params = params;
    this.env = env;
    this.workdir = workdir;
    this.exports = {...outputs};
  }

  /** Where what it says is filled in. */
  get place(): FillingPlace {
    const {context, workflow, files, state} = this.#around;
    const {values, environment, workdir} = context;
    const dependencies = (): Record<string, Sendable> => state.dependencyData(this.#task);
    const absolute = (path: string): string => files.absolute(path);
    return {values, environment, workdir, workflowWorkdir: workflow.workdir, absolute, dependencies};
  }

  /** Where placeholders take their values from. */
  templateData(): TemplateData {
    return templateDataOf(this.params, this.env, this.place);
  }

  /** One attempt of what the task does. */
  async act(interrupted: boolean): Promise<Attempt> {
    this.#isActing = true;
    try {
      return await this.#act(interrupted);
    } finally {
      this.#isActing = false;
    }
  }

  #act(interrupted: boolean): Promise<Attempt> {
    const {action, timeoutMs} = this.#task;
    switch (action.kind) {
      case 'function': {
        const {call, takes} = action.body;
        const request: Request = {form: 'command', ...this.request(), interrupted: interrupted || undefined};
        const limits = islandLimits(this.#task.limit);
        const act = (signal: AbortSignal): Promise<Attempt> =>
          this.#keepingState(takes, (keeps_state) =>
            this.#call(call, {...request, keeps_state}, {timeoutMs, all: takes === 'ctx', limits, signal}),
          );
        const acted = this.#task.streams.length > 0 ? this.#reading.attempt(this.#signal, act) : act(this.#signal);
        const {context, workflow} = this.#around;
        return acted.then((attempt) => namingLimits(attempt, this.#task, workflow, context.settings));
      }
      case 'shell':
        return this.command(action.command, timeoutMs);
      case 'none':
        return Promise.resolve({outcome: {kind: 'succeeded', value: undefined}, uncaught: 0});
      default:
        return unreachable(action);
    }
  }

  // With `checkpoint_interval`, and where the function has a `this`.
  async #keepingState(
    takes: DefinedFunction['takes'],
    call: (keepsState: true | undefined) => Promise<Attempt>,
  ): Promise<Attempt> {
    const {context, failed} = this.#around;
    const {clock, store, settings} = context;
    const intervalMs = settings.checkpointIntervalMs;
    if (intervalMs === undefined || takes !== 'this') return call(undefined);
    const key = {...this.#key, attempt: this.attempt};
    const save = async (state: Sendable): Promise<void> => {
      await store.stateSaved(key, state);
      this.#savedState = state;
    };
    let told = false;
    const unreadable = (reason: string): void => {
      if (told) return;
      told = true;
      const {file, line, name} = this.#task;
      const message = `task '${name}': this.state cannot be kept: ${reason}`;
      this.#emit({kind: 'warning', problem: {file, line, message}});
    };
    this.#keeper = new StateKeeper({intervalMs, clock, save, unreadable, failed});
    try {
      return await call(true);
    } finally {
      await this.#keeper.end();
      this.#keeper = undefined;
    }
  }

  /** @throws Error when the guard fails. */
  async ask(guard: Guard): Promise<Answer> {
    switch (guard.kind) {
      case 'expression': {
        const holds = this.#around.state.evaluate(guard.condition, this.params);
        return {holds, why: `${JSON.stringify(guard.condition.text)} is ${holds}`};
      }
      case 'shell': {
        const {outcome} = await this.command(guard.command, undefined);
        if (outcome.kind === 'cancelled') throw new Error(outcome.reason);
        const holds = outcome.kind === 'succeeded';
        const how = outcome.kind === 'failed' ? outcome.failure.message : 'the command ended with exit code 0';
        return {holds, why: `${JSON.stringify(guard.command.text)}: ${how}`};
      }
      case 'function': {
        const {call, file, line, takes} = guard.fn;
        const {outcome} = await this.#call(
          call,
          {form: 'guard', ...this.request()},
          {timeoutMs: undefined, all: takes === 'ctx', signal: this.#signal},
        );
        this.#reading.close();
        if (outcome.kind === 'failed') throw new Error(outcome.failure.message);
        if (outcome.kind !== 'succeeded') throw new Error(outcome.reason);
        const holds = outcome.value === true;
        return {holds, why: outcome.message ?? `the function of ${file}:${line} said ${holds ? 'yes' : 'no'}`};
      }
      default:
        return unreachable(guard);
    }
  }

  async #call(
    fn: LuaFunction,
    request: Request,
    {timeoutMs, all, limits, signal}: Pick<AttemptOptions, 'timeoutMs' | 'limits' | 'signal'> & {readonly all: boolean},
  ): Promise<Attempt> {
    const {context, state} = this.#around;
    const seen = all ? state.results.keys() : [...this.#task.dependsOn, ...this.#task.after];
    const options = {signal, timeoutMs, failFast: context.failFast, onOutput: this.output, limits};
    return context.caller.call(fn, request, [undefined, ...state.endedForLua(seen)], this.#code(), options);
  }

  async command(
    template: Template,
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined = this.#signal,
  ): Promise<Attempt> {
    let filled: FilledCommand;
    try {
      filled = fillCommand(template, this.templateData());
    } catch (error) {
      return {outcome: {kind: 'failed', failure: {kind: 'error', message: textOf(error)}}, uncaught: 0};
    }
    return this.#run(filled, timeoutMs, signal, this.output);
  }

  #run(
    filled: FilledCommand,
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    onOutput: OutputListener,
  ): Promise<Attempt> {
    const {context} = this.#around;
    const env = {...context.environment, ...this.env, ...filled.env};
    const {user, limit} = this.#task;
    const memoryLimitBytes = limit.memoryBytes ?? this.#around.workflow.limit.memoryBytes;
    const command = {text: filled.text, workdir: this.workdir, env, user, memoryLimitBytes};
    return context.runCommand(command, {clock: context.clock, signal, timeoutMs, onOutput});
  }

  readonly output: OutputListener = (stream, bytes) => {
    this.log?.push({stream, bytes});
    return this.#emit({kind: 'task.output', ...this.#name(), stream, bytes});
  };

  /** Calls the hooks of an event; one that fails is told of and changes nothing. */
  async callHooks(event: TaskHookName, request: Request, output?: Sendable): Promise<void> {
    for (const hook of this.#task.hooks[event] ?? []) await this.#callHook(hook, request, output);
  }

  async #callHook({name, run, takes}: Hook, request: Request, output: Sendable): Promise<void> {
    const {context, workflow, state} = this.#around;
    const asked: Request = {...this.request(), ...request, ...(takes === 'context' && {form: 'context'})};
    // What cancels tasks does not stop a hook that tells of it.
    const options = {signal: undefined, timeoutMs: undefined, onOutput: this.output};
    const args = [output, ...state.endedForLua(state.results.keys())];
    const {outcome, uncaught} =
      run.kind === 'shell'
        ? await this.command(run.command, undefined, context.signal)
        : await context.caller.call(run.fn.call, asked, args, this.#code(), options);
    this.uncaught += uncaught;
    if (outcome.kind !== 'failed') return;
    const {message, traceback, exitCode = 0, kind} = outcome.failure;
    if (kind === 'exit') state.exitCode ??= exitCode;
    else
      this.#emit({kind: 'hook.failed', workflow: workflow.name, task: this.#task.name, hook: name, message, traceback});
  }

  failureForLua({kind, message, traceback}: Failure): Record<string, Sendable> {
    const shown = kind === 'deadlock' || kind === 'exit' ? 'error' : kind;
    return {message, task: this.#task.name, stage: this.#task.stage, kind: shown, traceback, attempts: this.attempt};
  }

  request(): Record<string, Sendable> {
    const {context, workflow, state} = this.#around;
    const {runId} = context;
    return {
      run_id: runId,
      workflow: workflow.name,
      stage: this.#task.stage,
      task: this.#task.name,
      attempt: Math.max(this.attempt, 1),
      params: this.params as Record<string, Sendable>,
      workdir: this.workdir,
      ...(this.#task.streams.length > 0 && {streams: [...this.#task.streams]}),
      idempotency_key: this.#idempotencyKey(),
      checkpoint: checkpointForLua(this.#checkpoint),
      last_checkpoint: checkpointForLua(state.lastCheckpoint),
      state: this.#savedState,
    };
  }

  // Once what it did was undone, doing it again is another thing.
  #idempotencyKey(): string {
    const {context, workflow} = this.#around;
    const again = this.recalled?.undone ? `/${this.recalled.undone}` : '';
    return `${context.runId}/${workflow.name}/${this.#task.name}${again}`;
  }

  #code(): RunningCode {
    const {sagas, files, rollback} = this.#around;
    return {
      checkpoint: (name, data) => this.#saveCheckpoint(name, data),
      export: (fields) => {
        Object.assign(this.exports, fields);
      },
      rollback,
      beginSaga: (name) => sagas.beginInside(this.#task.name, name),
      compensate: (saga, compensation) => sagas.compensateInside(saga, compensation),
      commitSaga: (saga) => sagas.commitInside(saga),
      workdir: {path: this.workdir, isMade: files.hasMade(this.workdir)},
      emit: (value) => this.#emitValue(value),
      stream: (name) => this.#reading.read(name),
      temporaryFolder: () => files.temporaryFolder(this.#task.name),
      keepState: (read) => this.#keeper?.begin(read),
      shell: (text, signal) => this.#shell(text, signal),
    };
  }

  async #emitValue(value: Sendable): Promise<void> {
    const {context, state} = this.#around;
    if (context.settings.dependencyResolution !== 'streaming')
      throw new Error('this.emit needs runner_config.dependency_resolution = "streaming"');
    if (!this.#isActing) throw new Error('this.emit works while the function of the task runs, not in a guard or hook');
    await state.emissions.get(this.#task.name)?.emit(value);
  }

  async #saveCheckpoint(name: string, data: Sendable): Promise<string> {
    const {context, sagas, state} = this.#around;
    const {clock, store} = context;
    const id = randomUUID();
    const {stepsEnded} = sagas;
    const record = {...this.#key, attempt: this.attempt, id, name, data, at: clock.now(), stepsEnded};
    await store.checkpoint(record);
    this.#checkpoint = record;
    state.saveCheckpoint(record);
    this.#emit({kind: 'checkpoint.saved', ...this.#name(), checkpoint: id, name});
    return id;
  }

  // A command line that running code asks for: its result as exec's.
  async #shell(text: string, signal: AbortSignal): Promise<Record<string, Sendable>> {
    const pieces: Record<'stdout' | 'stderr', Uint8Array[]> = {stdout: [], stderr: []};
    const {outcome} = await this.#run({text, env: {}}, undefined, signal, (stream, bytes) => {
      pieces[stream].push(bytes);
      return this.output(stream, bytes);
    });
    return {
      success: outcome.kind === 'succeeded',
      stdout: Buffer.concat(pieces.stdout).toString(),
      stderr: Buffer.concat(pieces.stderr).toString(),
      exit_code: exitCodeOf(outcome),
    };
  }

  #name(): {readonly workflow: string; readonly task: string} {
    return {workflow: this.#around.workflow.name, task: this.#task.name};
  }

  #emit(event: EventBody): unknown {
    return this.#around.context.emit(event);
  }
}

function exitCodeOf(outcome: Outcome): number {
  if (outcome.kind === 'succeeded') return 0;
  return outcome.kind === 'failed' ? (outcome.failure.exitCode ?? 1) : 1;
}
