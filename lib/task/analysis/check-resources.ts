import {formatBytes} from '../../util/format-bytes.js';
import type {PlannedWorkflow, RunnerSettings} from '../plan.js';
import type {AnalysisContext} from './context.js';

/** A task whose requests can never be met is a mistake, not something to wait for. */
export function checkResources(
  context: AnalysisContext,
  workflows: readonly PlannedWorkflow[],
  {limits}: RunnerSettings,
): void {
  const cpu = limits.cpu ?? context.options.machine?.cpu;
  const memory = limits.memoryBytes ?? context.options.machine?.memoryBytes;
  const check = (
    subject: string,
    place: {file: string; line: number},
    what: string,
    asked?: number,
    there?: number,
  ): void => {
    if (asked === undefined || there === undefined || asked <= there) return;
    const source = what === 'cpu' ? limits.cpu : limits.memoryBytes;
    const owner = source === undefined ? 'the machine has' : 'resource_limits allow';
    context.problem(
      place,
      `${subject} asks for ${amount(what, asked)}, and ${owner} ${amount(what, there)}: it could never start`,
    );
  };
  for (const workflow of workflows) {
    check(`workflow '${workflow.name}'`, workflow, 'cpu', workflow.request.cpu, cpu);
    check(`workflow '${workflow.name}'`, workflow, 'memory', workflow.request.memoryBytes, memory);
    for (const task of workflow.tasks) {
      check(`task '${task.name}'`, task, 'cpu', task.request.cpu, cpu);
      check(`task '${task.name}'`, task, 'memory', task.request.memoryBytes, memory);
    }
  }
}

function amount(what: string, value: number): string {
  if (what === 'cpu') return `${value} ${value === 1 ? 'core' : 'cores'}`;
  return `${formatBytes(value)} of memory`;
}
