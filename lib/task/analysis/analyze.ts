import type {Sendable} from '../../sendable.js';
import type {Plan, PlannedWorkflow, RunnerSettings} from '../plan.js';
import type {Problem} from '../problem.js';
import type {DescribedFile} from '../reading/describe-file.js';
import type {FileDescription, TaskDescription, WorkflowDescription} from '../reading/description.js';
import {checkParams} from './check-params.js';
import {checkResources} from './check-resources.js';
import {checkTasks} from './check-tasks.js';
import {AnalysisContext, type AnalysisOptions} from './context.js';
import {circuitOf} from './plan-task.js';
import {planWorkflow} from './plan-workflow.js';
import {withCarets} from './with-carets.js';

/** A plan, or everything that stands in its way. */
export interface Analysis {
  readonly problems: readonly Problem[];
  /** Suspicious, yet it can run. */
  readonly warnings: readonly Problem[];
  /** Only without problems. */
  readonly plan: Plan | undefined;
}

/** Checks a file's definitions against each other and lays out what runs. Runs nothing. */
export function analyze(described: DescribedFile, options: AnalysisOptions): Analysis {
  const {description} = described;
  const context = new AnalysisContext(description, options);
  context.problems.push(...described.problems);
  context.warnings.push(...described.warnings);
  checkTasks(context);
  const {workflows, tasks} = description;
  const chosen = workflows.length > 0 ? workflows : [implicitWorkflow(options.defaultName, tasks)];
  const planned = chosen.map((workflow) => planWorkflow(context, workflow));
  const settings = settingsOf(description);
  checkResources(context, planned, settings);
  checkParams(context, planned);
  if (workflows.length > 0) warnOfUnused(context, planned);
  const finish = (list: readonly Problem[]): readonly Problem[] => withCarets(inFileOrder(list), options.sources);
  const warnings = finish(context.warnings);
  if (context.problems.length > 0) return {problems: finish(context.problems), warnings, plan: undefined};
  return {problems: [], warnings, plan: {workflows: planned, settings}};
}

function settingsOf({config, configAsWritten}: FileDescription): RunnerSettings {
  const limits = config.resource_limits ?? {};
  const breakers = Object.entries(config.circuit_breakers ?? {}).flatMap(([name, options]) => {
    const circuit = circuitOf(options, config);
    return circuit ? [[name, circuit] as const] : [];
  });
  return {
    maxConcurrency: config.max_concurrency,
    dependencyResolution: config.dependency_resolution ?? 'parallel',
    optimizationLevel: config.optimization_level ?? 'basic',
    statePersistence: config.state_persistence ?? true,
    enableRollback: config.enable_rollback ?? true,
    compensationEnabled: config.compensation_enabled ?? true,
    enableEvents: config.enable_events ?? true,
    checkpointIntervalMs: config.checkpoint_interval,
    circuitBreakers: Object.fromEntries(breakers),
    lazyLoading: config.lazy_loading ?? true,
    notifications: config.notifications as Sendable,
    asWritten: configAsWritten,
    permissions: config.permissions,
    limits: {
      memoryBytes: limits.max_memory,
      cpu: limits.max_cpu,
      diskBytes: limits.max_disk,
      networkBandwidth: limits.max_network_bandwidth,
    },
  };
}

function implicitWorkflow(name: string, tasks: readonly TaskDescription[]): WorkflowDescription {
  const place = {file: tasks[0]?.file ?? '', line: tasks[0]?.line ?? 0};
  return {name, ...place, settings: {}, places: new Map(), items: [{kind: 'tasks', tasks, ...place}], stages: []};
}

function warnOfUnused(context: AnalysisContext, planned: readonly PlannedWorkflow[]): void {
  const used = new Set(planned.flatMap(({tasks}) => tasks.map(({name}) => name)));
  for (const task of context.file.tasks) {
    if (!used.has(task.name)) context.warning(task, `task '${task.name}' is in no workflow and does not run`);
  }
}

function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(problems.map((problem) => [`${problem.file}:${problem.line}:${problem.message}`, problem]));
  return [...unique.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : 0));
}
