import type {Change} from '../cache/ingredient.js';
import type {CheckpointRecord, RecalledCompensation, RecalledStep} from '../execution/execution-store.js';
import type {Outcome, TaskResult} from '../outcome.js';
import type {DefinitionPrint, EndState, JournaledTask, RunRecord, RunSettings} from './run-records.js';
import {restoreOutcome, restoreResult} from './stored-result.js';
import {restoreValue, type StoredValue} from './stored-value.js';

/** One attempt of a task. One without end was cut off, or still runs. */
export interface AttemptHistory {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly outcome?: Outcome;
}

/** What is known of one task of a run. */
export interface TaskHistory {
  readonly attempts: readonly AttemptHistory[];
  /** Its end, unless that was undone. */
  readonly result?: TaskResult | undefined;
  readonly endedAt?: number | undefined;
  /** Its checkpoints by name, the latest last. */
  readonly checkpoints: ReadonlyMap<string, CheckpointRecord>;
  readonly state?: StoredValue | undefined;
  /** What the cache said of it. */
  readonly cache?: {readonly hit: boolean; readonly changes?: readonly Change[] | undefined} | undefined;
  /** How often its effects were undone. */
  readonly undone: number;
}

/** A compensation of a run. */
export interface CompensationHistory extends RecalledCompensation {
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly message?: string | undefined;
}

/** What is known of one workflow of a run. */
export interface WorkflowHistory {
  readonly workflow: string;
  readonly tasks: ReadonlyMap<string, TaskHistory>;
  readonly planned: readonly JournaledTask[];
  readonly steps: readonly RecalledStep[];
  readonly compensations: readonly CompensationHistory[];
  readonly startedAt: number;
  readonly ended?: {readonly at: number; readonly success: boolean; readonly needsAttention: boolean} | undefined;
}

/** A run as its journal tells it. */
export interface RunHistory {
  readonly id: string;
  readonly settings: RunSettings;
  readonly definition: DefinitionPrint;
  readonly basedOn?: string | undefined;
  readonly startedAt: number;
  /** When it was gone on with. */
  readonly resumedAt: readonly number[];
  readonly workflows: ReadonlyMap<string, WorkflowHistory>;
  readonly ended?: {readonly at: number; readonly state: EndState} | undefined;
  /** The time of its last record. */
  readonly lastAt: number;
}

type Writable<T> = {-readonly [Key in keyof T]: T[Key]};
interface Task extends Writable<Omit<TaskHistory, 'attempts' | 'checkpoints'>> {
  readonly attempts: AttemptHistory[];
  readonly checkpoints: Map<string, CheckpointRecord>;
}
interface Workflow extends Writable<Omit<WorkflowHistory, 'tasks' | 'steps' | 'compensations'>> {
  readonly tasks: Map<string, Task>;
  steps: RecalledStep[];
  compensations: Writable<CompensationHistory>[];
}

/** What a run's records add up to; `undefined` when they do not begin with its start. */
export function runHistory(id: string, records: readonly RunRecord[]): RunHistory | undefined {
  const [first] = records;
  if (first?.kind !== 'run.started') return undefined;
  const workflows = new Map<string, Workflow>();
  const history: Writable<RunHistory> & {resumedAt: number[]} = {
    id,
    settings: first.settings,
    definition: first.definition,
    basedOn: first.basedOn,
    startedAt: first.at,
    resumedAt: [],
    workflows,
    lastAt: records.at(-1)?.at ?? first.at,
  };
  for (const record of records.slice(1)) {
    if (record.kind === 'run.resumed') {
      history.resumedAt.push(record.at);
      history.ended = undefined;
      history.definition = record.definition;
    } else if (record.kind === 'run.ended') {
      history.ended = {at: record.at, state: record.state};
    } else if (record.kind === 'workflow.started') {
      workflows.set(record.workflow, startWorkflow(workflows.get(record.workflow), record.tasks, record));
    } else if ('workflow' in record) {
      const workflow = workflows.get(record.workflow);
      if (workflow) addRecord(id, workflow, record);
    }
  }
  return history;
}

/** Whether compensations had begun when the run was cut off: then they are ended first, and no task runs again. */
export function isUndoing({compensations, ended}: WorkflowHistory): boolean {
  return ended === undefined && compensations.length > 0;
}

type StartRecord = Extract<RunRecord, {kind: 'workflow.started'}>;

function startWorkflow(
  before: Workflow | undefined,
  planned: readonly JournaledTask[],
  {workflow, at}: StartRecord,
): Workflow {
  if (before && before.ended === undefined) return Object.assign(before, {planned});
  if (before) restart(before);
  const fresh = {workflow, startedAt: at, tasks: new Map(), steps: [], compensations: []};
  return Object.assign(before ?? fresh, {planned, ended: undefined});
}

// A workflow that had ended begins again: what succeeded and was not undone stays.
function restart(workflow: Workflow): void {
  const undone = undoneTasks(workflow);
  for (const [name, task] of workflow.tasks) {
    if (undone.has(name)) task.undone += 1;
    if (undone.has(name) || task.result?.outcome.kind !== 'succeeded') forget(task);
  }
  const sagas = new Set(workflow.compensations.filter(({done}) => done).map(({saga}) => saga));
  workflow.steps = workflow.steps.filter(({saga}) => !sagas.has(saga));
  workflow.compensations = [];
}

// The tasks of steps whose saga was undone, the participants themselves, and everything that needs one of them.
function undoneTasks({planned, steps, compensations}: Workflow): ReadonlySet<string> {
  const done = compensations.filter((one) => one.done);
  const sagas = new Set(done.map(({saga}) => saga));
  const undoneSteps = new Set(steps.filter(({saga}) => sagas.has(saga)).map(({step}) => step));
  const undone = new Set(done.map(({participant}) => participant));
  // Dependencies come first, so one pass is enough.
  for (const {name, stage, needs} of planned) {
    const isOfStep = undoneSteps.has(`task:${name}`) || undoneSteps.has(`stage:${stage}`);
    if (isOfStep || needs.some((need) => undone.has(need))) undone.add(name);
  }
  return undone;
}

function forget(task: Task): void {
  task.result = undefined;
  task.endedAt = undefined;
}

type WorkflowRecord = Exclude<RunRecord, {kind: 'run.started' | 'run.resumed' | 'run.ended' | 'workflow.started'}>;

function addRecord(runId: string, workflow: Workflow, record: WorkflowRecord): void {
  switch (record.kind) {
    case 'workflow.ended':
      workflow.ended = {at: record.at, success: record.success, needsAttention: record.needsAttention};
      return;
    case 'step.started':
    case 'step.ended': {
      const {saga, step, order} = record;
      const others = workflow.steps.filter((one) => one.saga !== saga || one.step !== step);
      workflow.steps = [
        ...others,
        {runId, workflow: workflow.workflow, saga, step, order, ended: record.kind === 'step.ended'},
      ];
      return;
    }
    case 'compensation.started':
    case 'compensation.ended':
      addCompensation(workflow, record);
      return;
    case 'rolled-back':
      rollBack(workflow);
      return;
    default:
      addTaskRecord(runId, taskOf(workflow, record.task), record);
  }
}

type TaskRecord = Extract<
  WorkflowRecord,
  {kind: 'attempt.started' | 'attempt.ended' | 'task.ended' | 'checkpoint' | 'state' | 'cache'}
>;

function addTaskRecord(runId: string, task: Task, record: TaskRecord): void {
  switch (record.kind) {
    case 'attempt.started':
      forget(task);
      task.attempts.push({attempt: record.attempt, startedAt: record.at});
      return;
    case 'attempt.ended': {
      const begun = task.attempts.pop();
      if (begun) task.attempts.push({...begun, endedAt: record.at, outcome: restoreOutcome(record.outcome)});
      return;
    }
    case 'task.ended':
      task.result = restoreResult(record.result);
      task.endedAt = record.at;
      return;
    case 'checkpoint': {
      const {workflow, task: name, attempt, id, data, stepsEnded, at} = record;
      task.checkpoints.delete(record.name);
      const kept = {
        runId,
        workflow,
        task: name,
        attempt,
        id,
        name: record.name,
        data: restoreValue(data),
        at,
        stepsEnded,
      };
      task.checkpoints.set(record.name, kept);
      return;
    }
    case 'cache':
      task.cache = {hit: record.hit, changes: record.changes};
      return;
    case 'state':
      task.state = record.state;
  }
}

function taskOf({tasks}: Workflow, name: string): Task {
  const known = tasks.get(name);
  if (known) return known;
  const task: Task = {attempts: [], checkpoints: new Map(), undone: 0};
  tasks.set(name, task);
  return task;
}

type SagaRecord = Extract<WorkflowRecord, {kind: 'compensation.started' | 'compensation.ended'}>;

// Only an attempt that ended counts: one that was cut off begins anew with its number.
function addCompensation(workflow: Workflow, record: SagaRecord): void {
  const {saga, participant, at} = record;
  let one = workflow.compensations.find((other) => other.saga === saga && other.participant === participant);
  if (!one) {
    one = {saga, participant, done: false, attempts: 0, startedAt: at};
    workflow.compensations.push(one);
  }
  if (record.kind === 'compensation.started') return;
  Object.assign(one, {done: record.success, attempts: record.attempt, endedAt: at, message: record.message});
}

// Compensations of a rollback are over: what they undid is to be done again, and may be undone again.
function rollBack(workflow: Workflow): void {
  for (const name of undoneTasks(workflow)) {
    const task = workflow.tasks.get(name);
    if (!task) continue;
    task.undone += 1;
    forget(task);
  }
  const sagas = new Set(workflow.compensations.map(({saga}) => saga));
  workflow.steps = workflow.steps.filter(({saga}) => !sagas.has(saga));
  workflow.compensations = [];
}
