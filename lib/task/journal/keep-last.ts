import type {JournalRecord} from './journal-record.js';

/** Names the slot that a record fills, if a later record of the same slot replaces it. */
export type SlotOf = (record: JournalRecord) => string | undefined;

/** The records without those that later ones replace, in order. */
export function keepLast(records: readonly JournalRecord[], slotOf: SlotOf): readonly JournalRecord[] {
  const filled = new Set<string>();
  const kept = [...records].reverse().filter((record) => {
    const slot = slotOf(record);
    if (slot === undefined) return true;
    if (filled.has(slot)) return false;
    filled.add(slot);
    return true;
  });
  return kept.reverse();
}
