import type {Case, Operation, Program} from './program.js';
import {initialSyncState, lineOf, type SyncState, syncEffectsOf, syncEndOf, waitsInLine} from './synchronization.js';

/** What the model knows of a program's objects at one moment. Never changed: each step makes another. */
export interface State {
  readonly channels: readonly ChannelState[];
  readonly mutexes: readonly MutexState[];
  readonly groups: readonly number[];
  readonly sync: SyncState;
  /** Goroutines that were asked to stop. */
  readonly cancelled: readonly number[];
}

interface ChannelState {
  readonly capacity: number;
  readonly values: readonly number[];
  readonly isClosed: boolean;
}

interface MutexState {
  readonly holder: number | null;
  readonly isAbandoned: boolean;
}

/** One way in which an operation can take effect: what it answers, and what holds then. */
export interface Effect {
  readonly answer: string;
  readonly state: State;
}

export function initialState({channels, mutexes, groups}: Program): State {
  return {
    channels: channels.map((capacity) => ({capacity, values: [], isClosed: false})),
    mutexes: Array.from({length: mutexes}, () => ({holder: null, isAbandoned: false})),
    groups: Array.from({length: groups}, () => 0),
    sync: initialSyncState(),
    cancelled: [],
  };
}

const closedSend = 'error send on closed channel';

/**
 * All ways in which an operation of a goroutine can take effect by itself now; none when it has to wait. The others are the
 * operations of other goroutines that have begun.
 */
export function effectsOf(
  state: State,
  operation: Operation,
  actor: number,
  others: readonly Operation[],
): readonly Effect[] {
  switch (operation.kind) {
    case 'send':
      return orTimeout(state, operation, sendEffects(state, operation.channel, operation.value), 'false timeout');
    case 'try-send':
      return orElse(state, sendEffects(state, operation.channel, operation.value), 'false');
    case 'receive':
      return orTimeout(state, operation, receiveEffects(state, operation.channel, 'nil false'), 'nil false timeout');
    case 'try-receive':
      return orElse(state, receiveEffects(state, operation.channel, 'nil false closed'), 'nil false empty');
    case 'close': {
      if (channelAt(state, operation.channel).isClosed) return [{answer: 'error close of closed channel', state}];
      return [{answer: 'true', state: withChannel(state, operation.channel, {isClosed: true})}];
    }
    case 'length':
      return [{answer: String(channelAt(state, operation.channel).values.length), state}];
    case 'is-closed':
      return [{answer: String(channelAt(state, operation.channel).isClosed), state}];
    case 'select': {
      const ready = operation.cases.flatMap((each, index) => caseEffects(state, each, index + 1));
      if (operation.hasDefault) return orElse(state, ready, String(operation.cases.length + 1));
      return orTimeout(state, operation, ready, 'timeout');
    }
    case 'lock':
      if (mutexAt(state, operation.mutex).holder === actor) {
        return [{answer: 'error deadlock: this goroutine already holds the mutex', state}];
      }
      return orTimeout(state, operation, lockEffects(state, operation.mutex, actor), 'false timeout');
    case 'try-lock':
      return orElse(state, lockEffects(state, operation.mutex, actor), 'false');
    case 'unlock': {
      if (mutexAt(state, operation.mutex).holder !== actor) return [{answer: 'error unlock of unlocked mutex', state}];
      return [{answer: '', state: withMutex(state, operation.mutex, {holder: null, isAbandoned: false})}];
    }
    case 'add':
      return [countEffect(state, operation.group, operation.count)];
    case 'done':
      return [countEffect(state, operation.group, -1)];
    case 'wait': {
      const ready = state.groups[operation.group] === 0 ? [{answer: 'true', state}] : [];
      return orTimeout(state, operation, ready, 'false timeout');
    }
    case 'rwmutex':
    case 'semaphore':
    case 'latch':
    case 'once': {
      const line = lineOf(operation);
      const isQueued = others.some((other) => line !== undefined && lineOfWaiting(other) === line);
      return syncEffectsOf(state.sync, operation, actor, isQueued).map(({answer, state: sync}) => ({
        answer,
        state: {...state, sync},
      }));
    }
    case 'cancel': {
      const cancelled = [...new Set([...state.cancelled, operation.actor])].sort();
      return [{answer: '', state: {...state, cancelled}}];
    }
    case 'rest':
      return [{answer: '', state}];
  }
}

/** The end of a goroutine gives back the mutexes it holds. */
export function endOf(state: State, actor: number): State {
  const mutexes = state.mutexes.map((mutex) => (mutex.holder === actor ? {holder: null, isAbandoned: true} : mutex));
  return {...state, mutexes, sync: syncEndOf(state.sync, actor)};
}

/** The line in which an operation waits, where the first one decides whether the next may go; undefined without one. */
export function lineOfWaiting(operation: Operation): string | undefined {
  const inLine = operation.kind === 'rwmutex' || operation.kind === 'semaphore';
  return inLine && waitsInLine(operation) ? lineOf(operation) : undefined;
}

/** What an operation could do together with that of another goroutine, on a channel without a buffer. */
export interface Offer {
  readonly kind: 'send' | 'receive';
  readonly channel: number;
  readonly value: number;
  /** Whether it can be found waiting, if only for an instant: two that look in never meet. */
  readonly waits: boolean;
  /** Its answer when it meets another, which brings `value` to a receiver. */
  answer(value: number): string;
}

/** What an operation offers to others. */
export function offersOf(state: State, operation: Operation): readonly Offer[] {
  return allOffers(operation).filter(({channel}) => {
    const {capacity, isClosed} = channelAt(state, channel);
    return capacity === 0 && !isClosed;
  });
}

function allOffers(operation: Operation): readonly Offer[] {
  switch (operation.kind) {
    case 'send':
    case 'try-send': {
      const waits = operation.kind === 'send';
      return [{kind: 'send', channel: operation.channel, value: operation.value, waits, answer: () => 'true'}];
    }
    case 'receive':
    case 'try-receive': {
      const waits = operation.kind === 'receive';
      const answer = (value: number) => `${value} true`;
      return [{kind: 'receive', channel: operation.channel, value: 0, waits, answer}];
    }
    case 'select': {
      const waits = operation.patience !== 'none' && !operation.hasDefault;
      return operation.cases.map((each, index): Offer => {
        if (each.kind === 'send') return {...each, waits, answer: () => `${index + 1} nil true`};
        return {...each, value: 0, waits, answer: (value) => `${index + 1} ${value} true`};
      });
    }
    default:
      return [];
  }
}

function sendEffects(state: State, index: number, value: number): readonly Effect[] {
  const {capacity, values, isClosed} = channelAt(state, index);
  if (isClosed) return [{answer: closedSend, state}];
  if (values.length >= capacity) return [];
  return [{answer: 'true', state: withChannel(state, index, {values: [...values, value]})}];
}

function receiveEffects(state: State, index: number, closed: string): readonly Effect[] {
  const {values, isClosed} = channelAt(state, index);
  const [first, ...others] = values;
  if (first !== undefined) {
    return [{answer: `${first} true`, state: withChannel(state, index, {values: others})}];
  }
  return isClosed ? [{answer: closed, state}] : [];
}

function caseEffects(state: State, each: Case, position: number): readonly Effect[] {
  const place = (answer: string) => (answer.startsWith('error') ? answer : `${position} ${answer}`);
  const effects =
    each.kind === 'send'
      ? sendEffects(state, each.channel, each.value).map(({answer, ...rest}) => ({
          answer: answer === 'true' ? 'nil true' : answer,
          ...rest,
        }))
      : receiveEffects(state, each.channel, 'nil false');
  return effects.map(({answer, state: after}) => ({answer: place(answer), state: after}));
}

function lockEffects(state: State, index: number, actor: number): readonly Effect[] {
  const {holder, isAbandoned} = mutexAt(state, index);
  if (holder !== null) return [];
  const after = withMutex(state, index, {holder: actor, isAbandoned: false});
  return [{answer: isAbandoned ? 'true abandoned' : 'true', state: after}];
}

function countEffect(state: State, index: number, change: number): Effect {
  const count = (state.groups[index] ?? 0) + change;
  if (count < 0) return {answer: 'error negative WaitGroup counter', state};
  return {answer: '', state: {...state, groups: state.groups.with(index, count)}};
}

// What cannot go at once answers so.
function orElse(state: State, effects: readonly Effect[], answer: string): readonly Effect[] {
  return effects.length > 0 ? effects : [{answer, state}];
}

// What cannot go may time out, if it has a limit; what can go may not.
function orTimeout(
  state: State,
  {patience}: {readonly patience: string},
  effects: readonly Effect[],
  answer: string,
): readonly Effect[] {
  return patience === 'forever' ? effects : orElse(state, effects, answer);
}

function channelAt(state: State, index: number): ChannelState {
  return state.channels[index] ?? {capacity: 0, values: [], isClosed: false};
}

function mutexAt(state: State, index: number): MutexState {
  return state.mutexes[index] ?? {holder: null, isAbandoned: false};
}

function withChannel(state: State, index: number, change: Partial<ChannelState>): State {
  return {...state, channels: state.channels.with(index, {...channelAt(state, index), ...change})};
}

function withMutex(state: State, index: number, mutex: MutexState): State {
  return {...state, mutexes: state.mutexes.with(index, mutex)};
}
