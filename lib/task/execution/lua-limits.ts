import type {ResourceLimits} from '../../resource-limits.js';
import {formatBytes} from '../../util/format-bytes.js';
import type {PlannedTask, PlannedWorkflow, ResourceLimit, RunnerSettings} from '../plan.js';
import type {Attempt} from './call-function.js';

/** What a task's function and all that it starts may use. */
export function islandLimits({cpu, memoryBytes}: ResourceLimit): ResourceLimits | undefined {
  if (cpu === undefined && memoryBytes === undefined) return undefined;
  return {
    ...(memoryBytes !== undefined && {memoryBytes: wholeBytes(memoryBytes)}),
    ...(cpu !== undefined && {workers: wholeWorkers(cpu)}),
  };
}

/**
 * What all of Lua may use while a workflow runs: the lesser of what the runner and the workflow say.
 *
 * @param workers those that somebody asked for, whatever the runner says of cores.
 */
export function luaLimits(runner: ResourceLimit, workflow: ResourceLimit, workers: number | undefined): ResourceLimits {
  const least = (...values: readonly (number | undefined)[]): number =>
    Math.min(...values.map((value) => value ?? Number.POSITIVE_INFINITY));
  const bytes = least(runner.memoryBytes, workflow.memoryBytes);
  const cores = least(workers === undefined ? runner.cpu : undefined, workflow.cpu);
  return {
    memoryBytes: bytes === Number.POSITIVE_INFINITY ? bytes : wholeBytes(bytes),
    workers: cores === Number.POSITIVE_INFINITY ? cores : wholeWorkers(cores),
  };
}

/** An attempt that had no memory left says which limits there are: Lua says only that. */
export function namingLimits(
  attempt: Attempt,
  task: PlannedTask,
  workflow: PlannedWorkflow,
  {limits: runner}: RunnerSettings,
): Attempt {
  const {outcome} = attempt;
  if (outcome.kind !== 'failed' || !outcome.failure.message.endsWith('not enough memory')) return attempt;
  const told = [
    ["'resources.memory.limit'", task.limit.memoryBytes],
    ["'resources.memory.limit' of the workflow", workflow.limit.memoryBytes],
    ["'resource_limits.max_memory'", runner.memoryBytes],
  ] as const;
  const limits = told.flatMap(([name, bytes]) => (bytes === undefined ? [] : [`${name} is ${formatBytes(bytes)}`]));
  if (limits.length === 0) return attempt;
  const message = `${outcome.failure.message}: ${limits.join(', ')}`;
  return {...attempt, outcome: {...outcome, failure: {...outcome.failure, message}}};
}

// Whole ones, and at least one: nothing runs with less.
function wholeWorkers(cores: number): number {
  return Math.max(1, Math.floor(cores));
}

function wholeBytes(bytes: number): number {
  return Math.min(Math.max(1, Math.floor(bytes)), Number.MAX_SAFE_INTEGER);
}
