import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';
import type {Hook, PlannedWorkflow} from '../plan.js';
import type {Attempt, Request} from './call-function.js';
import {checkpointForLua} from './checkpoint-for-lua.js';
import type {Files} from './files.js';
import {fillCommand, fillTemplate} from './fill-template.js';
import type {OutputListener} from './run-command.js';
import type {RunContext} from './run-context.js';
import type {RunningCode} from './task-host.js';
import type {WorkflowState} from './workflow-state.js';

/** What calls of a workflow's own code need of it. */
export interface CallSurroundings {
  readonly workflow: PlannedWorkflow;
  readonly context: RunContext;
  readonly state: WorkflowState;
  readonly files: Files;
  readonly rollback: RunningCode['rollback'];
  /** A hook called `os.exit`. */
  readonly exited: (message: string) => void;
}

/** How the code of a workflow itself is called: its hooks, and compensations. */
export class WorkflowCalls {
  readonly #around: CallSurroundings;

  constructor(around: CallSurroundings) {
    this.#around = around;
  }

  /** Calls hooks in order; one that fails is told of and changes nothing. */
  async callHooks(hooks: readonly Hook[] | undefined, request: Request): Promise<void> {
    for (const hook of hooks ?? []) await this.#callHook(hook, request);
  }

  async #callHook({name, run, takes}: Hook, request: Request): Promise<void> {
    const {emit} = this.#around.context;
    const asked: Request = takes === 'context' ? {...request, form: 'context'} : request;
    const {outcome, uncaught} =
      run.kind === 'function' ? await this.callContext(run.fn.call, asked) : await this.#command(run.command);
    this.#around.state.uncaught += uncaught;
    if (outcome.kind !== 'failed') return;
    const {message, traceback, kind, exitCode = 0} = outcome.failure;
    if (kind === 'exit') {
      this.#around.state.exitCode ??= exitCode;
      this.#around.exited(message);
    } else emit({kind: 'hook.failed', workflow: this.#around.workflow.name, hook: name, message, traceback});
  }

  async #command(template: Parameters<typeof fillCommand>[0]): Promise<Attempt> {
    const {context, data} = {context: this.#around.context, data: this.#templateData()};
    try {
      const {text, env} = fillCommand(template, data);
      const command = {text, env: {...context.environment, ...env}, workdir: this.#workdir()};
      const onOutput: OutputListener = (stream, bytes) =>
        context.emit({kind: 'task.output', workflow: this.#around.workflow.name, task: '', stream, bytes});
      return await context.runCommand(command, {
        clock: context.clock,
        signal: undefined,
        timeoutMs: undefined,
        onOutput,
      });
    } catch (error) {
      return {outcome: {kind: 'failed', failure: {kind: 'error', message: textOf(error)}}, uncaught: 0};
    }
  }

  #templateData(): Parameters<typeof fillCommand>[1] {
    const {params, values, environment: env} = this.#around.context;
    return {params, values, env, deps: {}};
  }

  #workdir(): string {
    const {workdir} = this.#around.workflow;
    return workdir === undefined
      ? this.#around.context.workdir
      : this.#around.files.absolute(fillTemplate(workdir, this.#templateData()));
  }

  /** Calls a function with the workflow's context. */
  callContext(fn: LuaFunction, request: Request, timeoutMs?: number | undefined): Promise<Attempt> {
    const {runId, params, caller} = this.#around.context;
    const asked: Request = {
      run_id: runId,
      workflow: this.#around.workflow.name,
      params: params as Record<string, Sendable>,
      workdir: this.#workdir(),
      attempt: 1,
      idempotency_key: `${runId}/${this.#around.workflow.name}`,
      last_checkpoint: checkpointForLua(this.#around.state.lastCheckpoint),
      ...request,
    };
    const args = [undefined, ...this.#around.state.endedForLua(this.#around.state.results.keys())];
    return caller.call(fn, asked, args, this.#code(), {signal: undefined, timeoutMs});
  }

  #code(): RunningCode {
    const refuse = (name: string) => () => {
      throw new Error(`${name} works in a task, not in a hook of the workflow`);
    };
    return {
      checkpoint: refuse('task.checkpoint'),
      export: refuse('export'),
      rollback: (checkpoint) => this.#around.rollback(checkpoint),
      beginSaga: refuse('saga.begin'),
      compensate: refuse('saga.compensate'),
      commitSaga: refuse('saga.commit'),
      workdir: {path: this.#workdir(), isMade: false},
      emit: refuse('this.emit'),
      stream: refuse('deps'),
      temporaryFolder: () => this.#around.files.temporaryFolder(''),
      keepState: refuse('this.state'),
      shell: refuse('a command line'),
    };
  }
}
