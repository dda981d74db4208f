import type {Outcome} from '../outcome.js';

/** How a task ends that needs one that did not succeed. */
export function dependencySkip(because: string): Outcome {
  return {kind: 'skipped', because: 'dependency', task: because, reason: `'${because}' did not succeed`};
}
