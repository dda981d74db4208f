/**
 * Random programs whose goroutines store into tables of their parent: on islands of their own they must print what they print
 * on their parent's, whenever the parent can look.
 */
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {Runtime} from '../../lib/runtime.js';

const seed = Number(process.env['SLOTH_MODEL_SEED'] ?? Date.now() % 1_000_000);
const runs = Number(process.env['SLOTH_MODEL_RUNS'] ?? 120);

/** One store: which table, which key, what. */
interface Store {
  readonly table: number;
  readonly key: string;
  readonly value: string;
}

/** What a goroutine does in one turn, and how its parent learns that the turn is over. */
interface Turn {
  readonly worker: number;
  readonly stores: readonly Store[];
  readonly told: (typeof tellings)[number];
  readonly slow: boolean;
}

interface Program {
  readonly workers: number;
  readonly turns: readonly Turn[];
  readonly ending: 'return' | 'error';
}

const tellings = ['send', 'buffer', 'atomic', 'status', 'wait', 'latch', 'context', 'in-place'] as const;

const scalars = fc.constantFrom(
  '1',
  '2.5',
  '"text"',
  '"a longer text than what fits inline"',
  'true',
  'false',
  'nil',
  'turn + 0',
  'worker * 100',
);
const values = fc.oneof(
  {weight: 4, arbitrary: scalars},
  {weight: 2, arbitrary: fc.array(scalars, {maxLength: 4}).map((list) => `{${[...list, 'n = turn + 0'].join(', ')}}`)},
  {weight: 1, arbitrary: scalars.map((value) => `{deep = {deeper = {${value}}}}`)},
  {weight: 1, arbitrary: fc.constant('made(turn + 0)')},
  {weight: 1, arbitrary: fc.constant('function(x) return x + 1 end')},
  {weight: 1, arbitrary: fc.constant('shared')},
);
const stores = fc.array(
  fc.record({
    table: fc.integer({min: 1, max: 3}),
    key: fc.constantFrom('1', '2', '3', '2.0', '"x"', '"y"', 'true', 'turn + 0', 'worker'),
    value: values,
  }),
  {maxLength: 5},
);

const programs: fc.Arbitrary<Program> = fc.integer({min: 1, max: 4}).chain((workers) =>
  fc.record({
    workers: fc.constant(workers),
    turns: fc.array(
      fc.record({
        worker: fc.integer({min: 1, max: workers}),
        stores,
        told: fc.constantFrom(...tellings),
        slow: fc.boolean(),
      }),
      {minLength: 1, maxLength: 10},
    ),
    ending: fc.constantFrom('return' as const, 'error' as const),
  }),
);

/** How the turn's end is told, and how the parent waits for it. */
const telling: Record<Turn['told'], [tell: string, hear: string]> = {
  send: ['reply:send(turn)', 'reply:receive()'],
  buffer: [
    'buffered:send(turn)',
    'repeat local v = buffered:try_receive() if not v then goroutine.yield() end until v',
  ],
  atomic: ['count:add(1)', 'while count:load() == 0 do goroutine.yield() end count:store(0)'],
  status: ['idle:receive()', 'idle:send(1)'],
  wait: ['group:done()', 'group:wait() group:add(1)'],
  latch: ['latch$:count_down()', 'latch$:wait()'],
  context: ['cancel$()', 'while not context$:is_cancelled() do goroutine.yield() end'],
  'in-place': [
    'reply:send(turn)',
    'local once table.sort({1, 2}, function(a, b) if not once then once = reply:receive() end return a < b end)',
  ],
};

/** The program, whose goroutines are started by `start`. */
function luaOf({workers, turns, ending}: Program, start: string): string {
  const bodies = Array.from({length: workers}, (_, index) => {
    const worker = index + 1;
    const steps = turns.flatMap((turn, number) => {
      if (turn.worker !== worker) return [];
      const lines = turn.stores.map(({table, key, value}) => `      t${table}[${key}] = ${value}`);
      const slow = turn.slow ? ['      for i = 1, 300 do scratch = i end'] : [];
      return [
        `    if turn == ${number + 1} then`,
        ...lines,
        ...slow,
        `      ${telling[turn.told][0].replace('$', `${number + 1}`)}`,
        '    end',
      ];
    });
    const last = ending === 'error' ? "error('over')" : '';
    return `local function body${worker}()
  local worker, scratch = ${worker}, 0
  for turn in turns${worker}:range() do
${steps.join('\n')}
  end
  t1['end'] = 'end'
  ${last}
end`;
  });
  const schedule = turns.map(
    ({worker, told}, number) =>
      `turn = ${number + 1} turns${worker}:send(turn) ${telling[told][1].replace('$', `${number + 1}`)} show(turn)`,
  );
  const objects = turns.map(({told}, number) => {
    if (told === 'latch') return `local latch${number + 1} = goroutine.latch(1)`;
    return told === 'context'
      ? `local context${number + 1}, cancel${number + 1} = goroutine.context():with_cancel()`
      : '';
  });
  const all = Array.from({length: workers}, (_, index) => index + 1);
  return `local t1, t2, t3 = {1, 2, x = 'as it was'}, {}, {}
local shared = channel.make(1)
local function made(n) local list = {} for i = 1, n do list[i] = {i = i} end return list end
local reply, buffered, idle = channel.make(), channel.make(2), channel.make()
local count, group = goroutine.atomic_int(0), goroutine.wait_group()
group:add(1)
${objects.join('\n')}
${all.map((i) => `local turns${i} = channel.make()`).join('\n')}
local function text(v)
  if type(v) == 'function' then return 'function' end
  if type(v) == 'userdata' then return v == shared and 'shared' or 'other' end
  if type(v) ~= 'table' then return math.type(v) == 'float' and ('%.1f'):format(v) or tostring(v) end
  local parts = {}
  for k, e in pairs(v) do parts[#parts + 1] = text(k) .. '=' .. text(e) end
  table.sort(parts)
  return '{' .. table.concat(parts, ' ') .. '}'
end
local function show(turn) print(turn, text(t1), text(t2), text(t3)) end
${bodies.join('\n')}
${all.map((i) => `local handle${i} = ${start}(body${i})`).join('\n')}
local turn
${schedule.join('\n')}
${all.map((i) => `turns${i}:close() handle${i}:await()`).join('\n')}
show('end')
local stats = goroutine.stats()
print(stats.parallel, stats.shared)`;
}

class Rig {
  readonly #runtime: Runtime;
  #out = '';

  constructor(options: {workers?: number; clock?: 'virtual'; seed?: number}) {
    this.#runtime = new Runtime({
      ...options,
      stdout: (text) => {
        this.#out += String(text);
      },
      stderr: () => {},
    });
  }

  /** What the program printed, without how many goroutines ran where; and how many were parallel. */
  async run(source: string): Promise<{shown: string; kind: string}> {
    this.#out = '';
    const report = await this.#runtime.start(source, {chunkName: '=program', timeoutMs: 20_000}).report;
    await this.#runtime.close();
    const lines = this.#out.trimEnd().split('\n');
    lines.pop();
    return {shown: lines.join('\n'), kind: `${report.kind} ${report.message ?? ''}`};
  }

  placed(): string {
    return this.#out.trimEnd().split('\n').at(-1) ?? '';
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}

async function runOnce(source: string, options: ConstructorParameters<typeof Rig>[0]) {
  const rig = new Rig(options);
  try {
    return {...(await rig.run(source)), placed: rig.placed()};
  } finally {
    await rig.close();
  }
}

describe.each([
  ['2 workers', {workers: 2}],
  ['1 worker', {workers: 1}],
  ['a virtual clock', {clock: 'virtual' as const, seed}],
])('on %s', (_on, options) => {
  let compared = 0;
  afterAll(() => expect(compared).toBeGreaterThan(0));

  test('stores that are posted home show as stores on a shared island do', async () => {
    const property = fc.asyncProperty(programs, async (program) => {
      const here = await runOnce(luaOf(program, 'goroutine.shared'), options);
      const there = await runOnce(luaOf(program, 'goroutine.create'), options);
      const source = luaOf(program, 'goroutine.create');
      expect(there.kind, source).toMatch(/^succeeded/);
      expect(there.shown, source).toBe(here.shown);
      expect(here.placed, source).toBe(`0\t${program.workers}`);
      expect(there.placed, source).toBe(`${program.workers}\t0`);
      compared += 1;
    });
    await fc.assert(property, {seed, numRuns: runs});
  });
});
