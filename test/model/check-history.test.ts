import {describe, expect, test} from 'vitest';
import {checkHistory, type Ending} from './check-history.js';
import type {Operation, Program} from './program.js';
import {eventsIn} from './run-program.js';

const send = (value: number, channel = 0): Operation => ({kind: 'send', channel, value, patience: 'forever'});
const receive: Operation = {kind: 'receive', channel: 0, patience: 'forever'};
const hurried: Operation = {kind: 'receive', channel: 0, patience: 'short'};
const look: Operation = {kind: 'try-receive', channel: 0};
const lock: Operation = {kind: 'lock', mutex: 0, patience: 'forever'};
const wait: Operation = {kind: 'wait', group: 0, patience: 'forever'};
const add: Operation = {kind: 'add', group: 0, count: 1};
const close: Operation = {kind: 'close', channel: 0};
const write: Operation = {kind: 'rwmutex', what: 'lock', index: 0, patience: 'forever'};
const read: Operation = {kind: 'rwmutex', what: 'rlock', index: 0, patience: 'forever'};
const permit: Operation = {kind: 'semaphore', what: 'acquire', index: 0, count: 1, patience: 'forever'};
const latch: Operation = {kind: 'latch', what: 'wait', index: 0, count: 1, patience: 'forever'};
const down: Operation = {kind: 'latch', what: 'count_down', index: 0, count: 1, patience: 'forever'};
const once = (value: number): Operation => ({kind: 'once', index: 0, value});
const stop: Operation = {kind: 'cancel', actor: 1};
const choose: Operation = {
  kind: 'select',
  cases: [
    {kind: 'receive', channel: 0},
    {kind: 'send', channel: 1, value: 9},
  ],
  patience: 'forever',
  hasDefault: true,
};

function programOf(capacity: number, ...actors: readonly (readonly Operation[])[]): Program {
  return {
    channels: [capacity, 0],
    mutexes: 1,
    groups: 1,
    actors: actors.map((operations) => ({placement: 'spawn', operations})),
  };
}

/** `0:` begins the next step of goroutine 0, `0=true 5` ends it with these results, `0!text` with an error. */
function verdict(program: Program, history: string, ending: Ending = 'succeeded'): string {
  const steps = new Map<number, number>();
  const lines = history.split(', ').map((entry) => {
    const actor = Number(entry[0]);
    const step = steps.get(actor) ?? 0;
    if (entry[1] === ':') return `begin\t${actor}\t${step}`;
    steps.set(actor, step + 1);
    const results = entry.slice(2) === '' ? [] : entry.slice(2).split(' ');
    return ['end', actor, step, entry[1] === '=', ...(entry[1] === '=' ? results : [entry.slice(2)])].join('\t');
  });
  return checkHistory(program, eventsIn(lines.join('\n')), ending) ?? 'allowed';
}

describe('the models allow', () => {
  test.each<[string, Program, string, Ending?]>([
    ['a value that is received', programOf(0, [send(5)], [receive]), '0:, 1:, 1=5 true, 0=true'],
    ['a buffered value', programOf(1, [send(5)], [receive]), '0:, 0=true, 1:, 1=5 true'],
    [
      'either order of two that overlap',
      programOf(2, [send(5)], [send(6)], [receive]),
      '0:, 1:, 1=true, 0=true, 2:, 2=5 true',
    ],
    ['looking in before the value', programOf(1, [send(5)], [look]), '1:, 0:, 0=true, 1=nil false empty'],
    ['a closed channel', programOf(0, [close], [receive]), '1:, 0:, 0=true, 1=nil false'],
    ['a send that fails', programOf(0, [send(5)], [close]), '0:, 1:, 1=true, 0!send on closed channel'],
    ['a lock whose holder ended', programOf(0, [lock], [lock]), '0:, 0=true, 1:, 1=true abandoned'],
    ['a wait during which the counter was zero', programOf(0, [add], [wait]), '1:, 0:, 0=, 1=true'],
    ['a select that chose a value', programOf(1, [send(5)], [choose]), '0:, 0=true, 1:, 1=1 5 true'],
    ['two readers', programOf(0, [read], [read]), '0:, 0=true, 1:, 1=true'],
    ['a permit that comes back', programOf(0, [permit], [permit]), '0:, 0=true, 1:', 'deadlock'],
    ['a latch that opens', programOf(0, [latch], [down]), '0:, 1:, 1=0, 0=true'],
    ['what the first one did', programOf(0, [once(1)], [once(2)]), '0:, 1:, 1=2, 0=2'],
    ['a reader behind a writer', programOf(0, [read, receive], [write], [read]), '0:, 0=true, 0:, 1:, 2:', 'deadlock'],
    ['a deadlock', programOf(0, [receive], [lock]), '0:, 1:, 1=true', 'deadlock'],
    ['a cancelled receive', programOf(0, [stop], [receive]), '1:, 0:, 0='],
    ['a value lost with its receiver', programOf(0, [send(5), stop], [receive]), '1:, 0:, 0=true, 0:, 0='],
  ])('%s', (_, program, history, ending) => {
    expect(verdict(program, history, ending)).toBe('allowed');
  });
});

describe('the models refuse', () => {
  const cannot = 'cannot have answered';
  test.each<[string, Program, string, string, Ending?]>([
    ['a value nobody sent', programOf(1, [send(5)], [receive]), '0:, 0=true, 1:, 1=6 true', cannot],
    ['a value that comes before it is sent', programOf(1, [send(5)], [receive]), '1:, 1=5 true, 0:, 0=true', cannot],
    [
      'a value that comes twice',
      programOf(1, [send(5)], [receive], [receive]),
      '0:, 1:, 2:, 0=true, 1=5 true, 2=5 true',
      cannot,
    ],
    ['a lost value', programOf(1, [send(5)], [look]), '0:, 0=true, 1:, 1=nil false empty', cannot],
    [
      'values out of order',
      programOf(2, [send(5), send(6)], [receive]),
      '0:, 0=true, 0:, 0=true, 1:, 1=6 true',
      cannot,
    ],
    ['more values than fit', programOf(1, [send(5), send(6)]), '0:, 0=true, 0:, 0=true', cannot],
    ['a send without a receiver', programOf(0, [send(5)], [receive]), '0:, 0=true, 1:, 1=5 true', cannot],
    ['a timeout beside a value', programOf(1, [send(5)], [hurried]), '0:, 0=true, 1:, 1=nil false timeout', cannot],
    ['a send after closing', programOf(1, [close], [send(5)]), '0:, 0=true, 1:, 1=true', cannot],
    [
      'a value that closing took',
      programOf(1, [send(5), close], [receive]),
      '0:, 0=true, 0:, 0=true, 1:, 1=nil false',
      cannot,
    ],
    ['two holders', programOf(0, [lock, receive], [lock]), '0:, 0=true, 0:, 1:, 1=true', cannot, 'deadlock'],
    [
      'a writer beside a reader',
      programOf(0, [read, receive], [write]),
      '0:, 0=true, 0:, 1:, 1=true',
      cannot,
      'deadlock',
    ],
    ['more permits than there are', programOf(0, [permit], [permit]), '0:, 0=true, 1:, 1=true', cannot],
    ['a closed latch', programOf(0, [latch]), '0:, 0=true', cannot],
    ['two who did it once', programOf(0, [once(1)], [once(2)]), '0:, 1:, 0=1, 1=2', cannot],
    ['readers that wait for nobody', programOf(0, [read], [read]), '0:, 1:', 'could go on', 'deadlock'],
    ['a wait beside a counter', programOf(0, [add, receive], [wait]), '0:, 0=, 0:, 1:, 1=true', cannot, 'deadlock'],
    ['a default beside a value', programOf(1, [send(5)], [choose]), '0:, 0=true, 1:, 1=3', cannot],
    ['a case that could not go', programOf(1, [send(5)], [choose]), '0:, 0=true, 1:, 1=2 nil true', cannot],
    ['a deadlock of what could go', programOf(0, [receive], [send(5)]), '0:, 1:', 'somebody could go on', 'deadlock'],
    ['an end that leaves somebody', programOf(0, [receive]), '0:', 'had more to do'],
    ['a loss without a cancellation', programOf(0, [send(5)], [receive]), '0:, 1:, 0=true', cannot],
    ['one who survives his cancellation', programOf(0, [stop], [receive]), '1:, 0:, 0=', 'somebody could', 'deadlock'],
  ])('%s', (_, program, history, complaint, ending) => {
    expect(verdict(program, history, ending)).toContain(complaint);
  });
});
