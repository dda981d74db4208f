import {SlothError} from './errors.js';

/** More than a runtime can have. */
const mostWorkers = 1024;

/** What Lua may use of the machine. What is missing is not limited further. */
export interface ResourceLimits {
  /** What the heaps of all islands may hold together, in bytes; beyond it Lua raises `not enough memory` in whoever asks for more. */
  readonly memoryBytes?: number | undefined;
  /** How many workers run islands at a time. */
  readonly workers?: number | undefined;
}

/** @throws SlothError `E_VALUE` naming the limit, what was expected and what came. */
export function checkedLimits(limits: ResourceLimits | undefined): ResourceLimits {
  if (limits === undefined) return {};
  if (typeof limits !== 'object' || limits === null) throw wrongLimit('limits', 'an object', limits);
  const {memoryBytes, workers} = limits;
  for (const [name, value] of Object.entries({memoryBytes, workers})) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw wrongLimit(`limits.${name}`, 'a positive integer', value);
    }
  }
  return {...(memoryBytes !== undefined && {memoryBytes}), ...(workers !== undefined && {workers})};
}

/**
 * As {@link checkedLimits}, for limits that may be lifted with `Infinity`.
 *
 * @returns them as the addon takes them: it lifts a limit of memory that is 0.
 */
export function nativeLimits(limits: ResourceLimits): ResourceLimits {
  const isLifted = (value: number | undefined): boolean => value === Number.POSITIVE_INFINITY;
  const {memoryBytes, workers} = typeof limits === 'object' && limits !== null ? limits : {};
  if (!isLifted(memoryBytes) && !isLifted(workers)) return checkedLimits(limits);
  const others = {
    memoryBytes: isLifted(memoryBytes) ? undefined : memoryBytes,
    workers: isLifted(workers) ? mostWorkers : workers,
  };
  return {...checkedLimits(others), ...(isLifted(memoryBytes) && {memoryBytes: 0})};
}

function wrongLimit(name: string, expected: string, got: unknown): SlothError {
  return new SlothError('E_VALUE', `${name} must be ${expected}, got ${String(got)}`);
}
