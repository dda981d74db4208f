import type {Sendable} from '../../sendable.js';
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
  const emitted = outcome.emitted && storeValue([...outcome.emitted], 'emitted', mask);
  const stored = {
    ...outcome,
    ...(message !== undefined && {message: mask.text(message)}),
    ...(emitted && {emitted: emitted.value}),
    value,
  };
  return {value: asJson(stored), lost: [...lost, ...(emitted?.lost ?? [])]};
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
  const {value, emitted} = outcome;
  const restored = {...outcome, value: restoreValue(value as unknown as StoredValue)};
  if (!emitted) return restored;
  return {...restored, emitted: restoreValue(emitted as unknown as StoredValue) as readonly Sendable[]};
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
