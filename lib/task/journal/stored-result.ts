import {SecretMask} from '../../util/secret-mask.js';
import type {Outcome, TaskResult} from '../outcome.js';
import {restoreValue, type StoredValue, storeValue} from './stored-value.js';

/** A result or outcome made ready for the disk. */
export interface StoredResult {
  readonly value: StoredValue;
  readonly lost: readonly string[];
}

/** An outcome as JSON: what is said of secrets is masked, what is handed on has them by name. */
export function storeOutcome(outcome: Outcome, mask = new SecretMask()): StoredResult {
  if (outcome.kind !== 'succeeded') return {value: asJson(mask.json(outcome)), lost: []};
  const {value, lost} = storeValue(outcome.value, 'output', mask);
  const {message} = outcome;
  return {value: asJson({...outcome, ...(message !== undefined && {message: mask.text(message)}), value}), lost};
}

/** A task's result as JSON. */
export function storeResult(result: TaskResult, mask?: SecretMask): StoredResult {
  const {value, lost} = storeOutcome(result.outcome, mask);
  return {value: asJson({...result, outcome: value}), lost};
}

/** The outcome that {@link storeOutcome} was given. */
export function restoreOutcome(stored: StoredValue): Outcome {
  const outcome = stored as unknown as Outcome;
  if (outcome.kind !== 'succeeded') return outcome;
  return {...outcome, value: restoreValue(outcome.value as unknown as StoredValue)};
}

/** The result that {@link storeResult} was given. */
export function restoreResult(stored: StoredValue): TaskResult {
  const result = stored as unknown as TaskResult;
  return {...result, outcome: restoreOutcome(result.outcome as unknown as StoredValue)};
}

// Failures and reasons are plain data: what JSON leaves out of them is what is undefined.
function asJson(value: object): StoredValue {
  return value as StoredValue;
}
