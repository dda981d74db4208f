import {readFileSync} from 'node:fs';
import {expect} from 'vitest';

/** One event of the Chrome trace event format, as far as our files use it. */
export interface TraceEvent {
  readonly ph: 'M' | 'X' | 'i' | 'b' | 'e' | 's' | 'f';
  readonly name: string;
  readonly cat: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly id: number;
  readonly bp?: string;
  readonly s?: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface TraceFile {
  readonly displayTimeUnit: string;
  readonly otherData: {readonly events: number; readonly dropped: number};
  readonly traceEvents: readonly TraceEvent[];
}

/** Reads a trace and holds it to the format: phases, fields, tracks, nesting of slices and waits, pairs of flows. */
export function readTrace(path: string): TraceFile {
  const trace = JSON.parse(readFileSync(path, 'utf8')) as TraceFile;
  expect(trace.displayTimeUnit).toBe('ms');
  const events = trace.traceEvents;
  const problems = [
    ...fieldProblems(events),
    ...sliceProblems(events),
    ...waitProblems(events),
    ...flowProblems(events),
  ];
  expect(problems.slice(0, 5)).toEqual([]);
  return trace;
}

/** The events of a phase, and of a name or category where one is given. */
export function eventsOf(trace: TraceFile, ph: TraceEvent['ph'], what?: string): readonly TraceEvent[] {
  return trace.traceEvents.filter(
    (event) => event.ph === ph && (what === undefined || event.name === what || event.cat === what),
  );
}

function fieldProblems(events: readonly TraceEvent[]): string[] {
  const named = new Set(events.filter((e) => e.ph === 'M' && e.name === 'thread_name').map((e) => e.tid));
  const pids = new Set(events.map((event) => event.pid));
  const problems = pids.size === 1 ? [] : [`process ids: ${[...pids].join(', ')}`];
  if (!events.some((event) => event.ph === 'M' && event.name === 'process_name'))
    problems.push('no name of the process');
  for (const event of events) {
    const complain = (what: string): void => void problems.push(`${what}: ${JSON.stringify(event)}`);
    if (!['M', 'X', 'i', 'b', 'e', 's', 'f'].includes(event.ph)) complain('unknown phase');
    if (typeof event.name !== 'string' || event.name === '') complain('no name');
    if (event.ph === 'M') continue;
    if (!(event.ts >= 0)) complain('no time');
    if (typeof event.cat !== 'string') complain('no category');
    if (!named.has(event.tid)) complain('a track without a name');
    if (event.ph === 'X' && !(event.dur >= 0)) complain('no duration');
    if (event.ph === 'i' && event.s !== 't') complain('no scope');
    if ('besf'.includes(event.ph) && typeof event.id !== 'number') complain('no id');
    if (event.ph === 'f' && event.bp !== 'e') complain('not bound to the slice around it');
  }
  return problems;
}

const slack = 0.0011; // times have three digits

function listOf<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function slicesByTrack(events: readonly TraceEvent[]): Map<number, TraceEvent[]> {
  const tracks = new Map<number, TraceEvent[]>();
  for (const event of events) {
    if (event.ph === 'X') listOf(tracks, event.tid).push(event);
  }
  for (const slices of tracks.values()) slices.sort((a, b) => a.ts - b.ts);
  return tracks;
}

// A worker runs one goroutine at a time.
function sliceProblems(events: readonly TraceEvent[]): string[] {
  const problems: string[] = [];
  for (const slices of slicesByTrack(events).values()) {
    for (const [i, slice] of slices.entries()) {
      const next = slices[i + 1];
      if (next && slice.ts + slice.dur > next.ts + slack)
        problems.push(`slices overlap: ${JSON.stringify([slice, next])}`);
    }
  }
  return problems;
}

// A goroutine waits for one thing at a time, and every wait that began ends.
function waitProblems(events: readonly TraceEvent[]): string[] {
  const problems: string[] = [];
  const open = new Map<number, TraceEvent>();
  for (const event of events) {
    if (event.ph !== 'b' && event.ph !== 'e') continue;
    const begun = open.get(event.id);
    if (event.ph === 'b') {
      if (begun) problems.push(`two waits at once: ${JSON.stringify([begun, event])}`);
      open.set(event.id, event);
      continue;
    }
    if (!begun || begun.name !== event.name || begun.cat !== event.cat || event.ts < begun.ts - slack)
      problems.push(`the end of another wait: ${JSON.stringify([begun, event])}`);
    open.delete(event.id);
  }
  for (const begun of open.values()) problems.push(`a wait without end: ${JSON.stringify(begun)}`);
  return problems;
}

// Each flow has one start and one end, in this order, both within a slice of their tracks.
function flowProblems(events: readonly TraceEvent[]): string[] {
  const problems: string[] = [];
  const tracks = slicesByTrack(events);
  const flows = new Map<string, TraceEvent[]>();
  for (const event of events) {
    if (event.ph !== 's' && event.ph !== 'f') continue;
    const key = `${event.cat} ${event.id}`;
    listOf(flows, key).push(event);
    const slice = lastBefore(tracks.get(event.tid) ?? [], event.ts + slack);
    if (!slice || slice.ts + slice.dur < event.ts - slack)
      problems.push(`a flow outside slices: ${JSON.stringify(event)}`);
  }
  for (const [key, ends] of flows) {
    const [start, end, ...more] = ends;
    const pair = start?.ph === 's' && end?.ph === 'f' && more.length === 0 && start.ts <= end.ts + slack;
    if (!pair) problems.push(`no pair: ${key}: ${JSON.stringify(ends)}`);
  }
  return problems;
}

function lastBefore(slices: readonly TraceEvent[], ts: number): TraceEvent | undefined {
  let low = 0;
  let high = slices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((slices[middle]?.ts ?? 0) <= ts) low = middle + 1;
    else high = middle;
  }
  return slices[low - 1];
}
