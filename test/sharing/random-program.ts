import fc from 'fast-check';

/**
 * A random program whose goroutines share what they captured, and do so one step at a time: the main chunk says whose turn it
 * is. So what each step sees is decided by the program alone, and must not depend on where its goroutine runs.
 */
export interface RandomProgram {
  readonly goroutines: readonly Body[];
  /** What happens in turn: a step of a goroutine (its index), or something the main chunk does itself. */
  readonly schedule: readonly (number | Act)[];
}

interface Body {
  readonly start: string;
  readonly steps: readonly Act[];
  /** The body is a function of the enclosing one, called by it. */
  readonly nested: boolean;
}

type Act = readonly string[];

// What there is to share. `later` changes something when it is called.
const setting = `
local n, m, flag = 1, 2, false
local t, u, list = {a = 1, b = 2}, {a = 3}, {10, 20, 30}
t.child = u
local Class = {}
Class.__index = Class
function Class:get() return self.v end
function Class:set(v) self.v = v end
function Class:add(d) self.v = self.v + d return self end
local object = setmetatable({v = 5}, Class)
local bump, peek
do
  local hidden = 0
  bump = function() hidden = hidden + 1 return hidden end
  peek = function() return hidden end
end
local function fill(where, key, value) where[key] = value end
local function total(where) local s = 0 for _, v in ipairs(where) do s = s + v end return s end
local function apply(f, ...) return f(...) end
counter, shared = 0, {x = 1}
package.loaded.settings = {mode = 1}
local alias = t
local key = 'a'
local results, box = {}, channel.make(100)
local Base = {kind = 'base'}
function Base:set_w(v) self.w = v end
local Derived = setmetatable({}, {__index = Base})
Derived.__index = Derived
local heir = setmetatable({w = 1}, Derived)
local function counting(start)
  local c = start
  return function(d) c = c + d return c end, function() return c end
end
local grow, grown = counting(3)
local function store(...) local where, at, what = ... where[at] = what end
local function assign_n(value) n = value end
`;

// Statements, with N for a number that differs from act to act.
const changes = [
  'n = n + N',
  'm = N',
  'flag = not flag',
  't.a = N',
  't.b = (t.b or 0) + N',
  't[key] = N',
  'alias.a = N',
  't.child.a = N',
  'u.a = N',
  'u = {a = N}',
  't.child = {a = N}',
  'list[#list + 1] = N',
  'table.insert(list, N)',
  'table.remove(list)',
  'list[1] = N',
  'rawset(t, "b", N)',
  'fill(t, "a", N)',
  'fill(list, 1, N)',
  'apply(fill, u, "a", N)',
  'object:set(N)',
  'object:add(N)',
  'object.v = N',
  'object = setmetatable({v = N}, Class)',
  'Class.get = function() return N end',
  'setmetatable(u, {__index = {z = N}})',
  'bump()',
  'counter = counter + N',
  'fresh = N',
  'shared.x = N',
  'shared = {x = N}',
  '_G.counter = N',
  '_G["coun" .. "ter"] = N',
  'package.loaded.settings = {mode = N}',
  'require("settings").mode = N',
  'key = key == "a" and "b" or "a"',
  'alias = u',
  'pcall(function() t.a = N end)',
  'pcall(fill, t, "a", N)',
  'coroutine.wrap(function() t.a = N end)()',
  'for k in pairs(t) do if k == "a" then t[k] = N end end',
  'goroutine.shared(function() t.a = N end):await()',
  'go.spawn(function() t.b = N end):await()',
  'local f = function(x) x.a = N end f(t)',
  'local own = {} own.x = N own[1] = N fill(own, "a", N)',
  'string.extra = function() return N end',
  'defer(function() t.a = N end)',
  'results[N] = N',
  'results[#results + 1] = {a = N}',
  'results.last = N',
  'box:send(t) box:receive().a = N',
  'box:send(function() return N end) box:receive()()',
  'box:send(function() t.a = N return N end) box:receive()()',
  'go.spawn(function(x) x.a = N end, t):await()',
  'group:go(fill, t, "b", N):await()',
  'goroutine.timeout(60000, fill, u, "a", N)',
  'goroutine.pool_result("pool", goroutine.pool_submit("pool", function() list[2] = N end))',
  'goroutine.map({N}, function(x) t.a = x end)',
  'table.sort(list, function(x, y) t.b = N return x > y end)',
  'heir:set_w(N)',
  'heir.w = N',
  'Base.kind = N',
  'Derived.kind = N',
  'Derived.kind = nil',
  'grow(N)',
  'store(t, "a", N)',
  'assign_n(N)',
  't, u = u, t',
  'table.sort(list)',
  'table.move(list, 1, 2, 2)',
  'for i = 1, #list do list[i] = list[i] + N end',
  '(function(...) (...).a = N end)(u)',
  'channel.select({{"default", function() t.a = N end}})',
  'pcall(rawset, t, "a", N)',
  'getmetatable(object).extra = N',
  'setmetatable(t, {__newindex = function(_, _, v) u.a = v end}) t.other = N',
  'setmetatable(results, {__index = function() return N end})',
  'load("local where, what = ... where.a = what")(t, N)',
  'load("counter = N")()',
  'debug.setupvalue(peek, 1, N)',
  'local env = _ENV env.counter = N',
  't.child.child = t',
  'local set = rawset set(t, "b", N)',
  'string.format = string.format shared.x = N',
  '',
  '',
  '',
];
const sights = [
  'n',
  'm',
  'n + m',
  'flag',
  't.a',
  't.b',
  't[key]',
  'alias.a',
  't.child.a',
  'u.a',
  'u.z',
  '#list',
  'list[1]',
  'list[#list]',
  'total(list)',
  'apply(total, list)',
  'table.concat(list, "+")',
  'object:get()',
  'object.v',
  'apply(object.get, object)',
  'peek()',
  'counter',
  '_G.counter',
  'fresh',
  'shared.x',
  'require("settings").mode',
  'string.extra and string.extra()',
  'select(2, pcall(function() return t.a end))',
  'coroutine.wrap(function() return t.a end)()',
  '(function() local s = 0 for _, v in pairs(u) do s = s + (tonumber(v) or 0) end return s end)()',
  'select(2, goroutine.shared(function() return t.a end):await())',
  'select(2, go.spawn(function(x) return x.a end, t):await())',
  'select(2, goroutine.async(function() return u end):await()).a',
  'select(2, goroutine.timeout(60000, function() return list end))[1]',
  '#goroutine.map({1}, function() return list end)[1]',
  'goroutine.await_all(goroutine.spawn_many(1, function() return object.v end))[1].value',
  'math.max(1, n)',
  '#results',
  'results.last',
  'results[1] and results[1].a',
  '(function() local c = 0 for _ in pairs(results) do c = c + 1 end return c end)()',
  '(function() box:send(t) return box:receive().a end)()',
  '(function() box:send(function() return u.a end) return box:receive()() end)()',
  'select(2, goroutine.pool_result("pool", goroutine.pool_submit("pool", function() return list[2] end)))',
  'goroutine.shared(function() return t.b end):status()',
  'heir.w',
  'heir.kind',
  'grown()',
  'object.extra',
  'table.unpack(list)',
  'next(list)',
  'rawget(t, "a")',
  'rawlen(list)',
  'select("#", table.unpack(list))',
  'load("return ...")(t.a)',
  'load("return counter")()',
  'string.format("%s", t.b)',
  'type(t.child.child)',
  '(function(...) return select(1, ...).a end)(t)',
  'channel.select({{"default", function() return u.a end}})[1]',
  'getmetatable(object) == Class',
];
const starts = [
  'go.spawn(F)',
  'go(F)',
  'goroutine.async(F)',
  'group:go(F)',
  'goroutine.spawn_many(1, F)',
  'goroutine.pool_submit("pool", F)',
];

const act = (most: number): fc.Arbitrary<Act> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...changes), {maxLength: most}),
      fc.array(fc.constantFrom(...sights), {minLength: 1, maxLength: 2}),
    )
    .map(([statements, seen]) => [...statements, `see(${seen.join(', ')})`]);

/** Programs of one to three goroutines that do little each, so that some of them have nothing to stay home for. */
export const randomPrograms: fc.Arbitrary<RandomProgram> = fc
  .array(
    fc.record({
      start: fc.constantFrom(...starts),
      steps: fc.array(act(1), {minLength: 1, maxLength: 2}),
      nested: fc.boolean(),
    }),
    {minLength: 1, maxLength: 3},
  )
  .chain((goroutines) => {
    const turns = goroutines.flatMap(({steps}, index) => steps.map(() => index));
    return fc
      .tuple(
        fc.shuffledSubarray(turns, {minLength: turns.length}),
        fc.array(fc.tuple(fc.nat(turns.length), act(1)), {maxLength: 3}),
      )
      .map(([order, acts]) => {
        const schedule: (number | Act)[] = [...order];
        for (const [at, act] of acts) schedule.splice(at, 0, act);
        return {goroutines, schedule};
      });
  });

function numbersFrom(first: number): () => string {
  let next = first;
  return () => {
    next += 1;
    return String(next - 1);
  };
}

export interface Form {
  /** All goroutines are made to share. */
  readonly home: boolean;
  /** The chunk returns a function, which may be called again and again, and what it shares stays. */
  readonly called: boolean;
}

/** The program as Lua, which returns what was seen and how many of its goroutines were parallel. */
export function luaOf({goroutines, schedule}: RandomProgram, {home, called}: Form): string {
  const numbers = numbersFrom(101);
  const text = (lines: Act) => lines.map((line) => line.replaceAll(/\bN\b/g, numbers)).join(';\n');
  const bodies = goroutines.map(({start, steps, nested}, index) => {
    const channel = `turn${index}`;
    const body = steps.map((step) => `${channel}:receive()\n${text(step)}\n${channel}_done:send(true)`).join('\n');
    const f = nested ? `function() local function run()\n${body}\nend run() end` : `function()\n${body}\nend`;
    const begin = home ? 'goroutine.shared(F)' : start;
    return `local ${channel}, ${channel}_done = channel.make(), channel.make()\n${begin.replace('F', () => f)}`;
  });
  const turns = schedule.map((turn) =>
    typeof turn === 'number' ? `turn${turn}:send(true) turn${turn}_done:receive()` : text(turn),
  );
  return `local seen = channel.make(1000)
local group = goroutine.wait_group()
local function see(...)
  local text = ''
  for i = 1, select('#', ...) do text = text .. tostring((select(i, ...))) .. ' ' end
  seen:send(text)
end
${setting}
${called ? 'return function()' : ''}
goroutine.pool_create('pool', {workers = 8})
local parallel = goroutine.stats().parallel
${bodies.join('\n')}
parallel = goroutine.stats().parallel - parallel
${turns.join('\n')}
local all, text, ok = '', seen:try_receive()
while ok do
  all = all .. text .. '\\n'
  text, ok = seen:try_receive()
end
return all, parallel
${called ? 'end' : ''}`;
}
