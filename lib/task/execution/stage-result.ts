import type {Outcome, StageResult} from '../outcome.js';

/**
 * How a stage ended, from how its tasks did. Those that a branch did not choose do not count; `succeeded` means that every
 * other one did.
 */
export function stageResultOf(stage: string, outcomes: readonly Outcome[]): StageResult {
  const counted = outcomes.filter((outcome) => !(outcome.kind === 'skipped' && outcome.because === 'branch'));
  const timedOut = counted.some((outcome) => outcome.kind === 'failed' && outcome.failure.kind === 'timeout');
  const has = (kind: Outcome['kind']): boolean => counted.some((outcome) => outcome.kind === kind);
  if (has('failed')) return {stage, kind: 'failed', timedOut};
  if (has('cancelled')) return {stage, kind: 'cancelled', timedOut};
  return {stage, kind: has('skipped') ? 'mixed' : 'succeeded', timedOut};
}
