import type {Sendable} from '../../sendable.js';
import type {CheckpointRecord} from './execution-store.js';

/** A checkpoint as Lua gets it. */
export function checkpointForLua(record: CheckpointRecord | undefined): Record<string, Sendable> | undefined {
  return record && {id: record.id, name: record.name, task: record.task, data: record.data};
}
