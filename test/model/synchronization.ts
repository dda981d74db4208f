import type {Patience} from './program.js';

/** Operations on what goroutines wait for each other with, besides channels, mutexes and wait groups. */
export type SyncOperation =
  | {
      readonly kind: 'rwmutex';
      readonly what: 'lock' | 'rlock' | 'try_lock' | 'try_rlock' | 'unlock' | 'runlock';
      readonly index: number;
      readonly patience: Patience;
    }
  | {
      readonly kind: 'semaphore';
      readonly what: 'acquire' | 'try_acquire' | 'release' | 'available';
      readonly index: number;
      readonly count: number;
      readonly patience: Patience;
    }
  | {
      readonly kind: 'latch';
      readonly what: 'count_down' | 'count' | 'wait';
      readonly index: number;
      readonly count: number;
      readonly patience: Patience;
    }
  | {readonly kind: 'once'; readonly index: number; readonly value: number};

/** What the models know of these objects at one moment. */
export interface SyncState {
  readonly rwmutexes: readonly RwState[];
  readonly semaphores: readonly {readonly capacity: number; readonly available: number}[];
  readonly latches: readonly number[];
  /** What each once has answered; null while it is unspent. */
  readonly onces: readonly (string | null)[];
}

interface RwState {
  readonly writer: number | null;
  /** How often each goroutine holds it for reading. */
  readonly readers: Readonly<Record<number, number>>;
  readonly isAbandoned: boolean;
}

export interface SyncEffect {
  readonly answer: string;
  readonly state: SyncState;
}

/** Two of each. */
export function initialSyncState(): SyncState {
  const free: RwState = {writer: null, readers: {}, isAbandoned: false};
  return {
    rwmutexes: [free, free],
    semaphores: [1, 2].map((capacity) => ({capacity, available: capacity})),
    latches: [1, 3],
    onces: [null, null],
  };
}

/** The statements that make them. */
export const syncDeclarations: readonly string[] = [
  'local rw0, rw1 = goroutine.rwmutex(), goroutine.rwmutex()',
  'local s0, s1 = goroutine.semaphore(1), goroutine.semaphore(2)',
  'local l0, l1 = goroutine.latch(1), goroutine.latch(3)',
  'local o0, o1 = goroutine.once(), goroutine.once()',
];

/** An operation as a protected call in Lua; `limit` is its timeout as a further argument, or empty. */
export function syncCallOf(operation: SyncOperation, limit: string): string {
  const object = `${{rwmutex: 'rw', semaphore: 's', latch: 'l', once: 'o'}[operation.kind]}${operation.index}`;
  switch (operation.kind) {
    case 'rwmutex': {
      const mayWait = operation.what === 'lock' || operation.what === 'rlock';
      return `pcall(${object}.${operation.what}, ${object}${mayWait ? limit : ''})`;
    }
    case 'semaphore': {
      const counted = operation.what === 'available' ? '' : `, ${operation.count}`;
      return `pcall(${object}.${operation.what}, ${object}${counted}${operation.what === 'acquire' ? limit : ''})`;
    }
    case 'latch': {
      const more = {count_down: `, ${operation.count}`, count: '', wait: limit}[operation.what];
      return `pcall(${object}.${operation.what}, ${object}${more})`;
    }
    case 'once': {
      // Every third one fails; others wait meanwhile.
      const body = operation.value % 3 === 0 ? `error("no ${operation.value}", 0)` : `return ${operation.value}`;
      return `pcall(${object}.call, ${object}, function() goroutine.yield() ${body} end)`;
    }
  }
}

/** Where goroutines stand in line, in the order in which they came; undefined for what is served without. */
export function lineOf({kind, index}: SyncOperation): string | undefined {
  return kind === 'rwmutex' || kind === 'semaphore' ? `${kind} ${index}` : undefined;
}

/** Whether an operation stands in that line until it is served. */
export function waitsInLine(operation: SyncOperation): boolean {
  return (
    (operation.kind === 'rwmutex' && (operation.what === 'lock' || operation.what === 'rlock')) ||
    (operation.kind === 'semaphore' && operation.what === 'acquire')
  );
}

/**
 * All ways in which an operation can take effect now. `isQueued`: others wait for the same thing, so that it may have to
 * stand behind them though it could go.
 */
export function syncEffectsOf(
  state: SyncState,
  operation: SyncOperation,
  actor: number,
  isQueued: boolean,
): readonly SyncEffect[] {
  switch (operation.kind) {
    case 'rwmutex':
      return rwEffects(state, operation, actor, isQueued);
    case 'semaphore':
      return semaphoreEffects(state, operation, isQueued);
    case 'latch': {
      const count = state.latches[operation.index] ?? 0;
      if (operation.what === 'count') return [{answer: String(count), state}];
      if (operation.what === 'wait')
        return orTimeout(state, operation.patience, count === 0 ? [{answer: 'true', state}] : []);
      const left = Math.max(0, count - operation.count);
      return [{answer: String(left), state: {...state, latches: state.latches.with(operation.index, left)}}];
    }
    case 'once': {
      const mine = operation.value % 3 === 0 ? `error no ${operation.value}` : String(operation.value);
      const answer = state.onces[operation.index] ?? mine;
      return [{answer, state: {...state, onces: state.onces.with(operation.index, answer)}}];
    }
  }
}

/** The end of a goroutine gives back what it holds. */
export function syncEndOf(state: SyncState, actor: number): SyncState {
  const rwmutexes = state.rwmutexes.map((each) => {
    if (each.writer === actor) return {...each, writer: null, isAbandoned: true};
    const {[actor]: _, ...readers} = each.readers;
    return {...each, readers};
  });
  return {...state, rwmutexes};
}

type Rw = Extract<SyncOperation, {kind: 'rwmutex'}>;
type Permits = Extract<SyncOperation, {kind: 'semaphore'}>;

function rwEffects(state: SyncState, operation: Rw, actor: number, isQueued: boolean): readonly SyncEffect[] {
  const before = state.rwmutexes[operation.index] as RwState;
  const {writer, readers, isAbandoned} = before;
  const times = readers[actor] ?? 0;
  const become = (change: Partial<RwState>, answer = 'true'): SyncEffect => {
    const rwmutexes = state.rwmutexes.with(operation.index, {...before, ...change});
    return {answer, state: {...state, rwmutexes}};
  };
  const refuse = (answer: string): readonly SyncEffect[] => [{answer, state}];
  const taken = isAbandoned ? 'true abandoned' : 'true';
  switch (operation.what) {
    case 'unlock':
      if (writer === actor) return [become({writer: null}, '')];
      return refuse(`error unlock of unlocked rwmutex${times > 0 ? ': this goroutine reads, which runlock ends' : ''}`);
    case 'runlock': {
      if (writer === actor)
        return refuse('error runlock of unlocked rwmutex: this goroutine writes, which unlock ends');
      if (times === 0) return refuse('error runlock of unlocked rwmutex');
      const {[actor]: _, ...others} = readers;
      return [become({readers: times > 1 ? {...readers, [actor]: times - 1} : others}, '')];
    }
    case 'lock':
    case 'try_lock': {
      const isTry = operation.what === 'try_lock';
      if (isTry && (writer === actor || times > 0)) return refuse('false');
      if (writer === actor) return refuse('error deadlock: this goroutine already holds the rwmutex');
      if (times > 0) {
        return refuse('error deadlock: this goroutine holds the rwmutex for reading: runlock it before lock');
      }
      const isFree = writer === null && Object.keys(readers).length === 0;
      const effects = isFree ? [become({writer: actor, isAbandoned: false}, taken)] : [];
      return orFails(state, operation.patience, isTry, isQueued, effects);
    }
    case 'rlock':
    case 'try_rlock': {
      const isTry = operation.what === 'try_rlock';
      if (writer === actor && isTry) return refuse('false');
      if (writer === actor) {
        return refuse('error deadlock: this goroutine holds the rwmutex for writing: unlock it before rlock');
      }
      // Who reads already is let in past those who wait.
      if (times > 0) return [become({readers: {...readers, [actor]: times + 1}})];
      const effects = writer === null ? [become({readers: {...readers, [actor]: 1}, isAbandoned: false}, taken)] : [];
      return orFails(state, operation.patience, isTry, isQueued, effects);
    }
  }
}

function semaphoreEffects(state: SyncState, operation: Permits, isQueued: boolean): readonly SyncEffect[] {
  const {index, what, patience} = operation;
  const {capacity, available} = state.semaphores[index] ?? {capacity: 0, available: 0};
  const become = (change: number, answer: string): SyncEffect => {
    const semaphores = state.semaphores.with(index, {capacity, available: available + change});
    return {answer, state: {...state, semaphores}};
  };
  if (what === 'available') return [{answer: String(available), state}];
  if (what === 'release') {
    if (available + operation.count <= capacity) return [become(operation.count, '')];
    return [{answer: 'error semaphore: release without acquire', state}];
  }
  if (operation.count > capacity) {
    const message = `error semaphore: acquire of ${operation.count} would wait for ever: the capacity is ${capacity}`;
    return [{answer: message, state}];
  }
  const effects = available >= operation.count ? [become(-operation.count, 'true')] : [];
  return orFails(state, patience, what === 'try_acquire', isQueued, effects);
}

// What cannot go, or may have to stand behind others, fails at once or in time.
function orFails(
  state: SyncState,
  patience: Patience,
  isTry: boolean,
  isQueued: boolean,
  effects: readonly SyncEffect[],
): readonly SyncEffect[] {
  const failure = {answer: isTry ? 'false' : 'false timeout', state};
  if (!isTry && patience === 'forever') return effects;
  return effects.length > 0 && !isQueued ? effects : [...effects, failure];
}

function orTimeout(state: SyncState, patience: Patience, effects: readonly SyncEffect[]): readonly SyncEffect[] {
  return orFails(state, patience, false, false, effects);
}
