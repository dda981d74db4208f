import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {unreachable} from '../../util/unreachable.js';
import {valueAt} from '../analysis/check-templates.js';
import type {Condition, OutcomeWord} from '../conditions/condition.js';
import {evaluate, type Facts} from '../conditions/evaluate.js';
import type {Outcome, StageResult, TaskResult} from '../outcome.js';
import type {PlannedTask, PlannedWorkflow} from '../plan.js';
import type {Emissions} from './emissions.js';
import type {CheckpointRecord} from './execution-store.js';
import type {RunContext} from './run-context.js';

/** What a task handed on. */
export interface HandedOn {
  /** As data. */
  readonly value: Sendable;
  /** A Lua function that returns it whole; missing where only the data is left. */
  readonly parcel: LuaFunction | undefined;
  /** Merged into what the parcel returns. */
  readonly added: Readonly<Record<string, Sendable>> | undefined;
}

/** What is known of a workflow while it runs: how its tasks and stages ended, and what they left. */
export class WorkflowState {
  readonly results = new Map<string, TaskResult>();
  readonly stages = new Map<string, StageResult>();
  readonly outputs = new Map<string, HandedOn>();
  /** What those tasks emit that others read while they run, by task. */
  readonly emissions = new Map<string, Emissions>();
  /** Tasks that were let start. */
  readonly begun = new Set<string>();
  /** In the order in which they were saved; of one task and name the last. */
  readonly checkpoints: CheckpointRecord[] = [];
  exitCode: number | undefined;
  uncaught = 0;
  readonly #workflow: PlannedWorkflow;
  readonly #context: RunContext;
  readonly #branches = new Map<number, boolean>();

  constructor(workflow: PlannedWorkflow, context: RunContext) {
    this.#workflow = workflow;
    this.#context = context;
  }

  get lastCheckpoint(): CheckpointRecord | undefined {
    return this.checkpoints.at(-1);
  }

  saveCheckpoint(record: CheckpointRecord): void {
    const earlier = this.checkpoints.findIndex(({task, name}) => task === record.task && name === record.name);
    if (earlier >= 0) this.checkpoints.splice(earlier, 1);
    this.checkpoints.push(record);
  }

  /** What ended tasks left, as Lua gets it, flat: name, success, message, error, output, what is added to that. */
  endedForLua(names: Iterable<string>): Sendable[] {
    const flat: Sendable[] = [];
    for (const name of names) {
      const outcome = this.results.get(name)?.outcome;
      if (!outcome) continue;
      const output = this.outputs.get(name);
      flat.push(
        name,
        ...resultForLua(outcome),
        output && (output.parcel ?? output.value),
        output?.parcel && output.added,
      );
    }
    return flat;
  }

  /** Outputs of the tasks that one depends on, as data. */
  dependencyData({dependsOn, after}: PlannedTask): Record<string, Sendable> {
    return Object.fromEntries([...dependsOn, ...after].map((name) => [name, this.outputs.get(name)?.value]));
  }

  /** Evaluates a condition of this workflow. */
  evaluate({expression}: Condition, params: Readonly<Record<string, Sendable>>): boolean {
    const facts: Facts = {
      outcome: (subject, word) => this.#outcome(subject, word),
      lookup: (from, path) => {
        const {values, environment} = this.#context;
        return valueAt({values, params, env: environment}[from], path);
      },
    };
    return evaluate(expression, facts);
  }

  /** Which way a branch goes; decided once. */
  branchHolds(
    {id, condition, when}: PlannedTask['branches'][number],
    params: Readonly<Record<string, Sendable>>,
  ): boolean {
    const decided = this.#branches.get(id) ?? this.evaluate(condition, params);
    this.#branches.set(id, decided);
    return decided === when;
  }

  #outcome(subject: string, word: OutcomeWord): boolean {
    const known = this.#workflow.subjects.get(subject);
    if (!known) throw new Error(`'${subject}' is neither a task nor a stage of this workflow`);
    if (known.kind === 'stage') return stageIs(this.stages.get(known.stage), word);
    const outcomes = known.tasks.map((name) => this.results.get(name)?.outcome);
    const every = word === 'success' || word === 'skipped';
    return every
      ? outcomes.every((outcome) => outcomeIs(outcome, word))
      : outcomes.some((outcome) => outcomeIs(outcome, word));
  }
}

function stageIs(stage: StageResult | undefined, word: OutcomeWord): boolean {
  switch (word) {
    case 'success':
      return stage?.kind === 'succeeded';
    case 'failed':
      return stage?.kind === 'failed';
    case 'skipped':
      return stage?.kind === 'skipped';
    case 'cancelled':
      return stage?.kind === 'cancelled';
    case 'timed_out':
      return stage?.timedOut ?? false;
    default:
      return unreachable(word);
  }
}

function outcomeIs(outcome: Outcome | undefined, word: OutcomeWord): boolean {
  switch (word) {
    case 'success':
      return outcome?.kind === 'succeeded';
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return outcome?.kind === word;
    case 'timed_out':
      return outcome?.kind === 'failed' && outcome.failure.kind === 'timeout';
    default:
      return unreachable(word);
  }
}

// Success, message, error.
function resultForLua(outcome: Outcome): [success: boolean, message: string | undefined, error: string | undefined] {
  switch (outcome.kind) {
    case 'succeeded':
      return [true, outcome.message, undefined];
    case 'failed':
      return [false, outcome.failure.message, outcome.failure.message];
    case 'skipped':
      return [false, undefined, `skipped: ${outcome.reason}`];
    case 'cancelled':
      return [false, undefined, 'cancelled'];
    default:
      return unreachable(outcome);
  }
}
