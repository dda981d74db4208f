import {effectsOf, endOf, initialState, lineOfWaiting, offersOf, type State} from './models.js';
import type {Operation, Program} from './program.js';

/** One line that a program printed. */
export interface Event {
  readonly kind: 'begin' | 'end';
  readonly actor: number;
  readonly step: number;
  /** What the operation answered; of `end` only. */
  readonly answer: string;
}

/** How a program ended: every goroutine did all its operations, or those left wait for ever. */
export type Ending = 'succeeded' | 'deadlock';

// A way in which everything up to now may have happened.
interface Possibility {
  readonly state: State;
  /** Operations that began and have not taken effect yet, by goroutine. */
  readonly open: ReadonlyMap<number, Pending>;
  /** Goroutines whose operation took effect, and which are cancelled before they can tell. */
  readonly doomed: ReadonlySet<number>;
  /** Goroutines that do nothing more, whose end has not taken effect yet. */
  readonly ending: ReadonlySet<number>;
  readonly ended: ReadonlySet<number>;
}

// What is known from later lines.
interface Foresight {
  /** Goroutines of which no line follows. */
  readonly silent: readonly number[];
  /** Goroutines that somebody cancels. */
  readonly mortal: readonly number[];
}

interface Pending {
  readonly operation: Operation;
  /** What it will answer; undefined when it never ends. */
  readonly answer: string | undefined;
}

/**
 * Looks for an order in which the operations of a history can have taken effect, one after the other and each between its
 * beginning and its end (linearizability: Herlihy and Wing, 1990; operations are ordered only when one of them must end,
 * after Lowe, "Testing for linearizability", 2017). Returns undefined when there is one, else what is wrong.
 *
 * What a goroutine was doing when it was cancelled may have taken effect or not; afterwards the goroutine has ended.
 */
export function checkHistory(program: Program, events: readonly Event[], ending: Ending): string | undefined {
  const answers = new Map(events.flatMap((event) => (event.kind === 'end' ? [[keyOf(event), event.answer]] : [])));
  const mortal = program.actors.flatMap(({operations}) =>
    operations.flatMap((operation) => (operation.kind === 'cancel' ? [operation.actor] : [])),
  );
  const last = new Map(events.map(({actor}, index) => [actor, index]));
  const nobody = {open: new Map(), doomed: new Set<number>(), ending: new Set<number>(), ended: new Set<number>()};
  let possible: readonly Possibility[] = [{state: initialState(program), ...nobody}];
  for (const [index, event] of events.entries()) {
    const {actor, step} = event;
    const operations = program.actors[actor]?.operations ?? [];
    const operation = operations[step];
    if (!operation) return `goroutine ${actor} has no step ${step}`;
    if (event.kind === 'begin') {
      const pending = {operation, answer: answers.get(keyOf(event))};
      possible = possible.map((each) => ({...each, open: new Map(each.open).set(actor, pending)}));
      continue;
    }
    const silent = program.actors.map((_, other) => other).filter((other) => (last.get(other) ?? -1) < index);
    possible = everythingFrom(possible, {silent, mortal}).filter(({open}) => !open.has(actor));
    if (possible.length === 0) return `${actor}.${step} ${operation.kind} cannot have answered "${event.answer}"`;
    if (step === operations.length - 1) {
      possible = possible.map((each) => ({...each, ending: new Set(each.ending).add(actor)}));
    }
  }
  const everybody = program.actors.map((_, actor) => actor);
  return checkEnding(ending, everybody.length, everythingFrom(possible, {silent: everybody, mortal}));
}

function checkEnding(ending: Ending, actors: number, possible: readonly Possibility[]): string | undefined {
  const last = possible.filter(({doomed, ending, ended, state}) => {
    return ending.size === 0 && [...state.cancelled, ...doomed].every((actor) => ended.has(actor));
  });
  if (ending === 'succeeded') {
    if (last.some(({ended}) => ended.size === actors)) return undefined;
    return 'the run ended, and a goroutine had more to do';
  }
  return last.some(isStuck) ? undefined : 'a deadlock was reported, and somebody could go on';
}

// Whether nobody can go on. Who stands in line may be behind one who cannot.
function isStuck({state, open}: Possibility): boolean {
  if (open.size === 0 || meetings(state, open).length > 0) return false;
  const lines = new Map<string, boolean>();
  for (const [actor, {operation}] of open) {
    const line = lineOfWaiting(operation) ?? `goroutine ${actor}`;
    const waits = effectsOf(state, operation, actor, []).length === 0;
    lines.set(line, waits || lines.get(line) === true);
  }
  return [...lines.values()].every(Boolean);
}

function keyOf({actor, step}: Event): string {
  return `${actor}.${step}`;
}

// All possibilities that these can become before the next line is printed, themselves included.
function everythingFrom(possible: readonly Possibility[], foresight: Foresight): readonly Possibility[] {
  const seen = new Map(possible.map((each) => [textOf(each), each]));
  const queue = [...possible];
  for (let next = queue.pop(); next; next = queue.pop()) {
    for (const follower of [...canBecome(next, foresight), ...canBeStopped(next, foresight)]) {
      const text = textOf(follower);
      if (seen.has(text)) continue;
      seen.set(text, follower);
      queue.push(follower);
    }
  }
  return [...seen.values()];
}

function textOf({state, open, doomed, ending, ended}: Possibility): string {
  return JSON.stringify([state, ...[open.keys(), doomed, ending, ended].map((actors) => [...actors].sort())]);
}

function canBecome(from: Possibility, {mortal}: Foresight): readonly Possibility[] {
  const ended = [...from.ending].map((actor) => {
    const ending = new Set(from.ending);
    ending.delete(actor);
    return {...from, state: endOf(from.state, actor), ending, ended: new Set(from.ended).add(actor)};
  });
  const done = canGo(from).flatMap((going) => {
    const next = {...from, state: going.state, open: new Map(from.open), doomed: new Set(from.doomed)};
    for (const [actor, answer] of going.answers) {
      const wanted = from.open.get(actor)?.answer;
      if (wanted !== undefined && wanted !== answer) return [];
      next.open.delete(actor);
      // What never ended took no effect, else its goroutine would have gone on; unless that was stopped.
      if (wanted === undefined && !mortal.includes(actor)) return [];
      if (wanted === undefined) next.doomed.add(actor);
    }
    return [next];
  });
  return [...ended, ...done];
}

function canBeStopped(from: Possibility, {silent}: Foresight): readonly Possibility[] {
  return from.state.cancelled
    .filter((actor) => silent.includes(actor) && !from.ended.has(actor) && !from.ending.has(actor))
    .map((actor) => {
      const open = new Map(from.open);
      open.delete(actor);
      return {...from, open, ending: new Set(from.ending).add(actor)};
    });
}

interface Going {
  readonly answers: readonly (readonly [actor: number, answer: string])[];
  readonly state: State;
}

// Every operation that could take effect now, and every two that could together.
function canGo({state, open}: Possibility): readonly Going[] {
  const alone = [...open].flatMap(([actor, {operation}]) =>
    effectsOf(state, operation, actor, othersThan(open, actor)).map(
      (effect): Going => ({answers: [[actor, effect.answer]], state: effect.state}),
    ),
  );
  return [...alone, ...meetings(state, open)];
}

function othersThan(open: ReadonlyMap<number, Pending>, actor: number): readonly Operation[] {
  return [...open].flatMap(([other, {operation}]) => (other === actor ? [] : [operation]));
}

function meetings(state: State, open: ReadonlyMap<number, Pending>): readonly Going[] {
  const offers = [...open].flatMap(([actor, {operation}]) =>
    offersOf(state, operation).map((offer) => ({actor, offer})),
  );
  const senders = offers.filter(({offer}) => offer.kind === 'send');
  const receivers = offers.filter(({offer}) => offer.kind === 'receive');
  return senders.flatMap((sender) =>
    receivers
      .filter(({actor, offer}) => actor !== sender.actor && offer.channel === sender.offer.channel)
      .filter(({offer}) => offer.waits || sender.offer.waits)
      .map((receiver) => {
        const {value} = sender.offer;
        const answers = [sender, receiver].map(({actor, offer}) => [actor, offer.answer(value)] as const);
        return {answers, state};
      }),
  );
}
