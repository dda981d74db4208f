import {type SyncOperation, syncCallOf, syncDeclarations} from './synchronization.js';

/** One case of a select. */
export type Case =
  | {readonly kind: 'receive'; readonly channel: number}
  | {readonly kind: 'send'; readonly channel: number; readonly value: number};

/** How long an operation waits: for ever, not at all, or a few milliseconds. */
export type Patience = 'forever' | 'none' | 'short';

/** One operation of a generated program. What it works on is a number: the place in the program's list. */
export type Operation =
  | {readonly kind: 'send'; readonly channel: number; readonly value: number; readonly patience: Patience}
  | {readonly kind: 'receive'; readonly channel: number; readonly patience: Patience}
  | {readonly kind: 'try-send'; readonly channel: number; readonly value: number}
  | {readonly kind: 'try-receive'; readonly channel: number}
  | {readonly kind: 'close'; readonly channel: number}
  | {readonly kind: 'length'; readonly channel: number}
  | {readonly kind: 'is-closed'; readonly channel: number}
  | {
      readonly kind: 'select';
      readonly cases: readonly Case[];
      readonly patience: Patience;
      readonly hasDefault: boolean;
    }
  | {readonly kind: 'lock'; readonly mutex: number; readonly patience: Patience}
  | {readonly kind: 'try-lock'; readonly mutex: number}
  | {readonly kind: 'unlock'; readonly mutex: number}
  | {readonly kind: 'add'; readonly group: number; readonly count: number}
  | {readonly kind: 'done'; readonly group: number}
  | {readonly kind: 'wait'; readonly group: number; readonly patience: Patience}
  | SyncOperation
  | {readonly kind: 'cancel'; readonly actor: number}
  | {readonly kind: 'rest'; readonly how: 'yield' | 'sleep' | 'compute'};

/** Where a goroutine is started: as the runtime decides, on an island of its own, or with its parent. */
export type Placement = 'spawn' | 'parallel' | 'shared';

export interface Actor {
  readonly placement: Placement;
  readonly operations: readonly Operation[];
}

/** A program: what there is, and what each goroutine does with it. */
export interface Program {
  /** Capacities. */
  readonly channels: readonly number[];
  readonly mutexes: number;
  readonly groups: number;
  readonly actors: readonly Actor[];
}

/**
 * The program in Lua. Each goroutine prints `begin <goroutine> <step>` before an operation and `end <goroutine> <step>
 * <results>` after it. A print is one atomic write, so the order of the lines is an order in which it may have happened:
 * what ended before another began took effect before it. All begin when they get the handles of all from the gate.
 */
export function luaOf({channels, mutexes, groups, actors}: Program): string {
  const lines = [`local gate = channel.make(${actors.length})`];
  channels.forEach((capacity, index) => {
    lines.push(`local c${index} = channel.make(${capacity})`);
  });
  for (let index = 0; index < mutexes; index++) lines.push(`local m${index} = goroutine.mutex()`);
  for (let index = 0; index < groups; index++) lines.push(`local w${index} = goroutine.wait_group()`);
  const kinds = new Set(actors.flatMap(({operations}) => operations.map(({kind}) => kind)));
  if (syncKinds.some((kind) => kinds.has(kind))) lines.push(...syncDeclarations);
  actors.forEach(({placement, operations}, actor) => {
    lines.push(`local h${actor} = goroutine.${placement}(function()`, '  local handles = gate:receive()');
    operations.forEach((operation, step) => {
      lines.push(`  print("begin", ${actor}, ${step})`);
      lines.push(`  print("end", ${actor}, ${step}, ${callOf(operation)})`);
    });
    lines.push('end)');
  });
  const handles = actors.map((_, actor) => `h${actor}`).join(', ');
  return [...lines, `for _ = 1, ${actors.length} do gate:send({${handles}}) end`, ''].join('\n');
}

const syncKinds = ['rwmutex', 'semaphore', 'latch', 'once'] as const;

function callOf(operation: Operation): string {
  switch (operation.kind) {
    case 'send':
      return `pcall(c${operation.channel}.send, c${operation.channel}, ${operation.value}${seconds(operation.patience)})`;
    case 'receive':
      return `pcall(c${operation.channel}.receive, c${operation.channel}${seconds(operation.patience)})`;
    case 'try-send':
      return `pcall(c${operation.channel}.try_send, c${operation.channel}, ${operation.value})`;
    case 'try-receive':
      return `pcall(c${operation.channel}.try_receive, c${operation.channel})`;
    case 'close':
      return `pcall(c${operation.channel}.close, c${operation.channel})`;
    case 'length':
      return `pcall(c${operation.channel}.len, c${operation.channel})`;
    case 'is-closed':
      return `pcall(c${operation.channel}.is_closed, c${operation.channel})`;
    case 'select': {
      const cases = operation.cases.map((each) =>
        each.kind === 'send' ? `{"<-|", c${each.channel}, ${each.value}}` : `{"|<-", c${each.channel}}`,
      );
      const all = [...cases, ...(operation.hasDefault ? ['{"default"}'] : [])];
      const select = `channel.select({${all.join(', ')}}${seconds(operation.patience)})`;
      return `pcall(function() local r = ${select} if r then return table.unpack(r, 1, r.n) end return "timeout" end)`;
    }
    case 'lock':
      return `pcall(m${operation.mutex}.lock, m${operation.mutex}${milliseconds(operation.patience)})`;
    case 'try-lock':
      return `pcall(m${operation.mutex}.try_lock, m${operation.mutex})`;
    case 'unlock':
      return `pcall(m${operation.mutex}.unlock, m${operation.mutex})`;
    case 'add':
      return `pcall(w${operation.group}.add, w${operation.group}, ${operation.count})`;
    case 'done':
      return `pcall(w${operation.group}.done, w${operation.group})`;
    case 'wait':
      return `pcall(w${operation.group}.wait, w${operation.group}${milliseconds(operation.patience)})`;
    case 'rwmutex':
    case 'semaphore':
    case 'latch':
      return syncCallOf(operation, milliseconds(operation.patience));
    case 'once':
      return syncCallOf(operation, '');
    case 'cancel':
      return `true, handles[${operation.actor + 1}]:cancel()`;
    case 'rest':
      return {
        yield: 'pcall(goroutine.yield)',
        sleep: 'pcall(goroutine.sleep, 0.1)',
        compute: 'pcall(function() local n = 0 for i = 1, 2000 do n = n + i end end)',
      }[operation.how];
  }
}

const shortMs = 2;

function seconds(patience: Patience): string {
  return {forever: '', none: ', 0', short: `, ${shortMs / 1000}`}[patience];
}

function milliseconds(patience: Patience): string {
  return {forever: '', none: ', 0', short: `, ${shortMs}`}[patience];
}
