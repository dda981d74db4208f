export type {Condition, Expression, Operand, OutcomeWord} from './conditions/condition.js';
export type {DefinedFunction} from './defined-function.js';
export {
  type EventBody,
  type EventListener,
  eventVersion,
  type OfCompensation,
  type OfTask,
  type OfWorkflow,
  type TaskEndKind,
  type TaskEvent,
} from './events.js';
export type {Clock} from './execution/clock.js';
export type {
  AttemptKey,
  CachedResult,
  CacheInputs,
  CheckpointRecord,
  CompensationKey,
  ExecutionStore,
  MaybeLater,
  RecalledCompensation,
  RecalledStep,
  RecalledTask,
  StepRecord,
  TaskKey,
} from './execution/execution-store.js';
export {noStore} from './execution/execution-store.js';
export type {LoadedPlugin, PluginSource} from './execution/task-host.js';
export type {
  CompensationResult,
  Failure,
  Outcome,
  SkipReason,
  StageResult,
  TaskResult,
  WorkflowResult,
} from './outcome.js';
export type {
  Action,
  Branch,
  CachePolicy,
  CircuitOptions,
  Consumed,
  FailureMode,
  Guard,
  Hook,
  Hooks,
  Participant,
  PermissionLimits,
  Plan,
  PlannedStage,
  PlannedTask,
  PlannedWorkflow,
  ResourceLimit,
  ResourceRequest,
  RetryPolicy,
  RunnerSettings,
  Saga,
  StageCondition,
  Subject,
  TaskHookName,
  WorkflowHookName,
} from './plan.js';
export {caretLines, formatProblem, type Place, type Problem} from './problem.js';
export type {DefinedTable, DefinedValue, Definition, DefinitionKind, Entry, Foreign} from './reading/definition.js';
export type {Selection} from './select.js';
export {TaskFileError} from './task-file-error.js';
export type {Placeholder, PlaceholderSource, Template} from './templates/template.js';
export {
  type LoadWorkflowsOptions,
  loadWorkflows,
  type RunResult,
  type RunWorkflowsOptions,
  run,
  Workflows,
  type WorkflowsRun,
} from './workflows.js';
