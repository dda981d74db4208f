export {type EventListener, eventVersion, type TaskEndKind, type TaskEvent} from './events.js';
export type {Clock} from './execution/clock.js';
export type {
  AttemptKey,
  CachedResult,
  CacheInputs,
  CheckpointRecord,
  CompensationKey,
  ExecutionStore,
  RecalledCompensation,
  RecalledTask,
  StepRecord,
  TaskKey,
} from './execution/execution-store.js';
export {noStore} from './execution/execution-store.js';
export type {
  CompensationResult,
  Failure,
  Outcome,
  SkipReason,
  StageResult,
  TaskResult,
  WorkflowResult,
} from './outcome.js';
export type {Plan, PlannedStage, PlannedTask, PlannedWorkflow, RunnerSettings} from './plan.js';
export {caretLines, formatProblem, type Place, type Problem} from './problem.js';
export type {Selection} from './select.js';
export {TaskFileError} from './task-file-error.js';
export {
  type LoadWorkflowsOptions,
  loadWorkflows,
  type RunResult,
  type RunWorkflowsOptions,
  run,
  Workflows,
  type WorkflowsRun,
} from './workflows.js';
