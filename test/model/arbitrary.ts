import fc from 'fast-check';
import type {Actor, Case, Operation, Patience, Placement, Program} from './program.js';

/** Which operations programs are made of. */
export type Theme = 'channels' | 'select' | 'locks' | 'synchronization' | 'everything';

const patience: fc.Arbitrary<Patience> = fc.constantFrom('forever', 'forever', 'forever', 'none', 'short');
const placement: fc.Arbitrary<Placement> = fc.constantFrom('parallel', 'shared', 'spawn');
const place = fc.nat({max: 1});
// Told apart later: each value that is sent occurs once in a program.
const value = fc.constant(0);

const onChannels: readonly fc.Arbitrary<Operation>[] = [
  weighted(4, fc.record({kind: fc.constant('send' as const), channel: place, value, patience})),
  weighted(4, fc.record({kind: fc.constant('receive' as const), channel: place, patience})),
  weighted(1, fc.record({kind: fc.constant('try-send' as const), channel: place, value})),
  weighted(1, fc.record({kind: fc.constant('try-receive' as const), channel: place})),
  weighted(1, fc.record({kind: fc.constant('close' as const), channel: place})),
  weighted(1, fc.record({kind: fc.constantFrom('length' as const, 'is-closed' as const), channel: place})),
].flat();

const oneCase: fc.Arbitrary<Case> = fc.oneof(
  fc.record({kind: fc.constant('receive' as const), channel: place}),
  fc.record({kind: fc.constant('send' as const), channel: place, value}),
);

const selects: readonly fc.Arbitrary<Operation>[] = weighted(
  5,
  fc.record({
    kind: fc.constant('select' as const),
    cases: fc.array(oneCase, {minLength: 1, maxLength: 3}),
    patience,
    hasDefault: fc.nat({max: 4}).map((number) => number === 0),
  }),
);

const onLocks: readonly fc.Arbitrary<Operation>[] = [
  weighted(3, fc.record({kind: fc.constant('lock' as const), mutex: place, patience})),
  weighted(1, fc.record({kind: fc.constant('try-lock' as const), mutex: place})),
  weighted(3, fc.record({kind: fc.constant('unlock' as const), mutex: place})),
  weighted(2, fc.record({kind: fc.constant('add' as const), group: place, count: fc.integer({min: -1, max: 2})})),
  weighted(2, fc.record({kind: fc.constant('done' as const), group: place})),
  weighted(2, fc.record({kind: fc.constant('wait' as const), group: place, patience})),
].flat();

const onOthers: readonly fc.Arbitrary<Operation>[] = [
  ...weighted(
    4,
    fc.record({
      kind: fc.constant('rwmutex' as const),
      what: fc.constantFrom('lock' as const, 'rlock', 'rlock', 'try_lock', 'try_rlock', 'unlock', 'runlock', 'runlock'),
      index: place,
      patience,
    }),
  ),
  ...weighted(
    3,
    fc.record({
      kind: fc.constant('semaphore' as const),
      what: fc.constantFrom('acquire' as const, 'acquire', 'try_acquire', 'release', 'available'),
      index: place,
      count: fc.constantFrom(1, 1, 2),
      patience,
    }),
  ),
  ...weighted(
    2,
    fc.record({
      kind: fc.constant('latch' as const),
      what: fc.constantFrom('count_down' as const, 'count_down', 'count', 'wait', 'wait'),
      index: place,
      count: fc.constantFrom(1, 2),
      patience,
    }),
  ),
  fc.record({kind: fc.constant('once' as const), index: place, value: fc.integer({min: 1, max: 9})}),
];

const rest: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('rest' as const),
  how: fc.constantFrom('yield' as const, 'sleep' as const, 'compute' as const),
});

const cancels = weighted(1, fc.record({kind: fc.constant('cancel' as const), actor: fc.nat({max: 3})}));

// Locked for a while, so that others meet it locked.
const section: fc.Arbitrary<readonly Operation[]> = fc
  .record({mutex: place, patience, rest})
  .map(({mutex, patience, rest}) => [{kind: 'lock', mutex, patience}, rest, {kind: 'unlock', mutex}]);

// The same for reading and writing, and for permits.
const readWriteSection: fc.Arbitrary<readonly Operation[]> = fc
  .record({index: place, patience, rest, reads: fc.boolean()})
  .map(({index, patience, rest, reads}) => [
    {kind: 'rwmutex', what: reads ? 'rlock' : 'lock', index, patience},
    rest,
    {kind: 'rwmutex', what: reads ? 'runlock' : 'unlock', index, patience},
  ]);
const permitSection: fc.Arbitrary<readonly Operation[]> = fc
  .record({index: place, count: fc.constantFrom(1, 1, 2), patience, rest})
  .map(({index, count, patience, rest}) => [
    {kind: 'semaphore', what: 'acquire', index, count, patience},
    rest,
    {kind: 'semaphore', what: 'release', index, count, patience},
  ]);

type Steps = fc.Arbitrary<readonly Operation[]>;

const single = (arbitraries: readonly fc.Arbitrary<Operation>[]): readonly Steps[] =>
  arbitraries.map((arbitrary) => arbitrary.map((operation) => [operation]));
const others = single([...weighted(2, rest), ...cancels]);
const locks = [...single(onLocks), ...weighted(4, section)];

const synchronization = [...single(onOthers), ...weighted(4, readWriteSection), ...weighted(3, permitSection)];

const themes: Readonly<Record<Theme, readonly Steps[]>> = {
  channels: [...single(onChannels), ...others],
  select: [...single([...onChannels, ...selects, ...selects]), ...others],
  locks: [...locks, ...others],
  synchronization: [...synchronization, ...others],
  everything: [...single([...onChannels, ...selects]), ...locks, ...synchronization, ...others],
};

function weighted<T>(weight: number, arbitrary: fc.Arbitrary<T>): readonly fc.Arbitrary<T>[] {
  return Array.from({length: weight}, () => arbitrary);
}

/** Programs of two to four goroutines that work on two objects of each kind. */
export function programs(theme: Theme): fc.Arbitrary<Program> {
  const operations = fc.array(fc.oneof(...themes[theme]), {minLength: 1, maxLength: 6}).map((steps) => steps.flat());
  const actor: fc.Arbitrary<Actor> = fc.record({placement, operations});
  return fc
    .record({
      channels: fc.tuple(fc.constantFrom(0, 0, 1, 2), fc.constantFrom(0, 0, 1, 3)),
      mutexes: fc.constant(2),
      groups: fc.constant(2),
      actors: fc.array(actor, {minLength: 1, maxLength: 4}),
    })
    .map(withDistinctValues)
    .map(withinRange);
}

function withDistinctValues(program: Program): Program {
  let last = 0;
  const next = () => ++last;
  const actors = program.actors.map((actor) => ({
    ...actor,
    operations: actor.operations.map((operation): Operation => {
      if (operation.kind === 'send' || operation.kind === 'try-send') return {...operation, value: next()};
      if (operation.kind !== 'select') return operation;
      const cases = operation.cases.map((each) => (each.kind === 'send' ? {...each, value: next()} : each));
      return {...operation, cases};
    }),
  }));
  return {...program, actors};
}

function withinRange(program: Program): Program {
  const actors = program.actors.map((actor) => ({
    ...actor,
    operations: actor.operations.map((operation) =>
      operation.kind === 'cancel' ? {...operation, actor: operation.actor % program.actors.length} : operation,
    ),
  }));
  return {...program, actors};
}
