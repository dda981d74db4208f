import {describe, expect, it} from 'vitest';
import {errorOf, itRaises, itReturns, runScript, valuesOf} from './script.js';

const none = undefined;

/** Functions that the scripts below share. */
const helpers = `
  local function feed(n, buffer)
    local ch = channel.make(buffer or 0)
    go(function() for i = 1, n do ch:send(i) end ch:close() end)
    return ch
  end
  local function full(...)
    local ch = channel.make(select("#", ...))
    for _, v in ipairs{...} do ch:send(v) end
    ch:close()
    return ch
  end
  local function list(ch) local t = {} for v in ch:range() do t[#t + 1] = v end return t end
  local function sorted(t) table.sort(t) return table.concat(t, " ") end
`;

const rows = (given: readonly (readonly [string, string, ...unknown[]])[]) =>
  itReturns(given.map(([sentence, source, ...values]) => [sentence, helpers + source, ...values] as const));

describe.concurrent('goroutine.pipeline', () => {
  rows([
    [
      'sends every value through one function after the other, in order',
      'local out = goroutine.pipeline(feed(5), {{fn = function(v) return v * 2 end}, {fn = function(v) return v + 1 end}}) return table.concat(list(out), " ")',
      '3 5 7 9 11',
    ],
    [
      'takes plain functions as stages',
      'local out = goroutine.pipeline(feed(3), {function(v) return v * v end}) return table.concat(list(out), " ")',
      '1 4 9',
    ],
    [
      'keeps the order of 500 values with one worker a stage',
      'local n = 0 for v in goroutine.pipeline(feed(500), {function(v) return v end, function(v) return v end, function(v) return v end}):range() do n = n + 1 assert(v == n) end return n',
      500,
    ],
    [
      'loses and doubles nothing with many workers',
      'local seen, n = {}, 0 for v in goroutine.pipeline(feed(500), {{fn = function(v) if v % 7 == 0 then goroutine.yield() end return v end, workers = 4}, {fn = function(v) return v end, workers = 3}}):range() do assert(not seen[v]) seen[v] = true n = n + 1 end return n',
      500,
    ],
    [
      'drops what a stage returns nil for, and keeps false',
      'local out = goroutine.pipeline(feed(4), {function(v) if v == 2 then return nil end return v == 3 and "three" or false end}) local t = {} for v in out:range() do t[#t + 1] = tostring(v) end return table.concat(t, " ")',
      'false three false',
    ],
    [
      'tells of errors on the second channel, which closes too',
      'local out, errors = goroutine.pipeline(feed(3), {function(v) return v end, function(v) if v == 2 then error("two", 0) end return v end}) local good = table.concat(list(out), " ") local e = errors:receive() local _, more = errors:receive() return good, e.stage, e.value, e.error, more',
      '1 3',
      2,
      2,
      'two',
      false,
    ],
    [
      'hands on error values as they are',
      'local out, errors = goroutine.pipeline(full(1), {function(v) error({code = 7}) end}) list(out) return errors:receive().error.code',
      7,
    ],
    [
      'tells of errors that cannot be copied as text',
      'local out, errors = goroutine.pipeline(full(1), {function(v) error(setmetatable({co = coroutine.create(print)}, {__tostring = function() return "shown" end})) end}) list(out) return errors:receive().error',
      'shown',
    ],
    [
      'reports results that cannot be sent as errors of their stage',
      'local out, errors = goroutine.pipeline(full(1, 2), {function(v) if v == 1 then return coroutine.create(print) end return v end}) local good = list(out) local e = errors:receive() return #good, good[1], e.stage, e.value, (e.error:match("a coroutine cannot leave its island"))',
      1,
      2,
      1,
      1,
      'a coroutine cannot leave its island',
    ],
    [
      'never stops for a full channel of errors',
      'local out, errors = goroutine.pipeline(feed(3000), {function(v) if v < 3000 then error("no", 0) end return v end}) local good = list(out) return #good, good[1], #errors',
      1,
      3000,
      1024,
    ],
    [
      'tries again as often as a stage says',
      'local tries = goroutine.atomic_int() local out, errors = goroutine.pipeline(full("a"), {{fn = function(v) if tries:add(1) < 3 then error("not yet", 0) end return v end, retries = 2}}) return list(out)[1], tries:load(), errors:receive()',
      'a',
      3,
      none,
      false,
    ],
    [
      'gives up after the retries',
      'local tries = goroutine.atomic_int() local out, errors = goroutine.pipeline(full("a"), {{fn = function(v) tries:add(1) error("never", 0) end, retries = 2}}) return #list(out), tries:load(), errors:receive().error',
      0,
      3,
      'never',
    ],
    [
      'puts what on_error returns in the place of the value',
      'local out, errors = goroutine.pipeline(feed(3), {{fn = function(v) if v == 2 then error("two", 0) end return v end, on_error = function(problem, v) return problem .. "/" .. v end}}) return table.concat(list(out), " "), errors:receive()',
      '1 two/2 3',
      none,
      false,
    ],
    [
      'drops the value when on_error returns nothing, and tells when it fails itself',
      'local out, errors = goroutine.pipeline(feed(2), {{fn = function(v) error(v, 0) end, on_error = function(problem, v) if v == 2 then error("worse", 0) end end}}) return #list(out), errors:receive().error, #errors',
      0,
      'worse',
      0,
    ],
    [
      'runs stages on islands of their own when they may',
      'local before = goroutine.stats().parallel list((goroutine.pipeline(full(1), {{fn = function(v) return v end, workers = 3}}))) return goroutine.stats().parallel - before',
      3,
    ],
    [
      'keeps stages home that share variables, so that they are seen',
      'local total = 0 list((goroutine.pipeline(feed(100), {{fn = function(v) total = total + v return v end, workers = 4}}))) return total',
      5050,
    ],
    [
      'works inside pcall, a coroutine and another goroutine',
      'local h = goroutine.async(function() local ok, out = pcall(goroutine.pipeline, full(1, 2), {function(v) return v + 1 end}) return coroutine.wrap(function() return table.concat(list(out), " ") end)() end) return select(2, h:await())',
      '2 3',
    ],
    [
      'crosses to other islands by name',
      'local h = goroutine.parallel(function(f, input) local out = f(input, {function(v) return -v end}) return (out:receive()) end, goroutine.pipeline, full(4)) return h:await()',
      true,
      -4,
    ],
    [
      'does not depend on what a program does to its libraries',
      'local input = full(1, 2) channel.make, goroutine.atomic_int, pcall, tostring, type, next, string.format, error = nil return table.concat(list((goroutine.pipeline(input, {{fn = function(v) return v * 3 end}}))), " ")',
      '3 6',
    ],
    [
      'returns channels that only receive',
      'local out, errors = goroutine.pipeline(full(), {print}) local a, b = pcall(out.send, out, 1) local c, d = pcall(errors.close, errors) return b, d',
      'cannot send on receive-only channel',
      'cannot send on receive-only channel',
    ],
    [
      'holds no run open when nobody closes its input',
      'local input = channel.make() local out = goroutine.pipeline(input, {function(v) return v end}) input:send(1) return (out:receive())',
      1,
    ],
    [
      'is not counted among the goroutines that keep a run alive',
      'goroutine.pipeline(channel.make(), {print}) return goroutine.count(), goroutine.stats().daemons',
      1,
      1,
    ],
    [
      'closes its outputs when whoever started it is cancelled',
      'local results = channel.make(1) local h = goroutine.async(function() local out = goroutine.pipeline(channel.make(), {function(v) return v end}) results:send(out) goroutine.sleep(60000) end) local out = results:receive() h:cancel() return out:receive()',
      none,
      false,
    ],
  ]);

  itRaises([
    [
      'needs a channel',
      'goroutine.pipeline(3, {print})',
      /^script:1: bad argument #1 to 'pipeline' \(channel to receive from expected, got 3\)/,
    ],
    [
      'needs a channel that can be received from',
      'goroutine.pipeline(channel.make():as_sender(), {print})',
      /#1 to 'pipeline' \(channel to receive from expected, got send-only channel\)/,
    ],
    [
      'needs stages',
      'goroutine.pipeline(channel.make())',
      /^script:1: bad argument #2 to 'pipeline' \(table expected, got nil\)/,
    ],
    [
      'needs at least one stage',
      'goroutine.pipeline(channel.make(), {})',
      /the number of stages: integer of at least 1 expected, got 0/,
    ],
    [
      'needs stages that are tables or functions',
      'goroutine.pipeline(channel.make(), {print, 4})',
      /stage 2: table expected, got 4/,
    ],
    ['needs fn', 'goroutine.pipeline(channel.make(), {{workers = 1}})', /stage 1, 'fn': function expected, got nil/],
    [
      'knows its fields',
      'goroutine.pipeline(channel.make(), {{fn = print, worker = 2}})',
      /stage 1: there is no option 'worker'; known: fn, workers, retries and on_error/,
    ],
    [
      'needs whole workers',
      'goroutine.pipeline(channel.make(), {{fn = print, workers = 1.5}})',
      /stage 1, 'workers': integer of at least 1 expected, got 1.5/,
    ],
    ['needs workers', 'goroutine.pipeline(channel.make(), {{fn = print, workers = 0}})', /at least 1 expected, got 0/],
    [
      'needs no fewer retries than none',
      'goroutine.pipeline(channel.make(), {{fn = print, retries = -1}})',
      /'retries': integer of at least 0 expected, got -1/,
    ],
    [
      'needs a function for errors',
      'goroutine.pipeline(channel.make(), {{fn = print, on_error = "skip"}})',
      /'on_error': function expected, got string/,
    ],
    [
      'knows its options',
      'goroutine.pipeline(channel.make(), {print}, {bufer = 1})',
      /#3 to 'pipeline' \(there is no option 'bufer'; known: buffer\)/,
    ],
    [
      'needs a buffer of a possible size',
      'goroutine.pipeline(channel.make(), {print}, {buffer = 1e12})',
      /option 'buffer': integer of at most 1073741824 expected/,
    ],
    [
      'names the line when called through pcall',
      'local ok, m = pcall(goroutine.pipeline)\nerror(m, 0)',
      /^script:1: bad argument/,
    ],
  ]);
});

describe.concurrent('goroutine.fan_in and merge', () => {
  rows([
    [
      'bring all values to one channel, which closes',
      'return sorted(list(goroutine.fan_in({full(1, 2), full(3), full()})))',
      '1 2 3',
    ],
    ['have two names', 'return sorted(list(goroutine.merge({full(1, 2), full(3)})))', '1 2 3'],
    [
      'keep the order of each channel',
      'local last = {0, 0} for v in goroutine.fan_in({feed(200), goroutine.pipeline(feed(200), {function(v) return -v end})}):range() do local k = v > 0 and 1 or 2 assert(math.abs(v) == last[k] + 1) last[k] = math.abs(v) end return last[1], last[2]',
      200,
      200,
    ],
    ['take receive-only channels', 'return sorted(list(goroutine.fan_in({full(1):as_receiver()})))', '1'],
    [
      'copy the list',
      'local l = {full(1), full(2)} local out = goroutine.fan_in(l) l[1], l[2] = nil, nil return sorted(list(out))',
      '1 2',
    ],
    [
      'forward from islands of their own',
      'local before = goroutine.stats().shared list(goroutine.fan_in({full(1), full(2)})) return goroutine.stats().shared - before',
      0,
    ],
    [
      'wait for room without a buffer',
      'local out = goroutine.fan_in({full(1, 2, 3)}, {buffer = 0}) return out:cap(), sorted(list(out))',
      0,
      '1 2 3',
    ],
  ]);
  itRaises([
    [
      'need a list',
      'goroutine.fan_in(channel.make())',
      /^script:1: bad argument #1 to 'fan_in' \(table expected, got channel\)/,
    ],
    [
      'need something in it',
      'goroutine.merge({})',
      /^script:1: bad argument #1 to 'merge' \(a list of at least one channel expected, got an empty one\)/,
    ],
    [
      'need channels in it',
      'goroutine.merge({channel.make(), "x"})',
      /#1 to 'merge' \(list index 2: channel to receive from expected, got string\)/,
    ],
    [
      'know their options',
      'goroutine.fan_in({channel.make()}, {size = 1})',
      /#2 to 'fan_in' \(there is no option 'size'; known: buffer\)/,
    ],
  ]);
});

describe.concurrent('goroutine.fan_out', () => {
  rows([
    [
      'gives each value to one channel',
      'local seen, n = {}, 0 for v in goroutine.fan_in(goroutine.fan_out(feed(300), 4)):range() do assert(not seen[v]) seen[v] = true n = n + 1 end return n',
      300,
    ],
    [
      'is not held up by a channel nobody reads',
      'local outs = goroutine.fan_out(feed(20), 3, {buffer = 0}) return #list(outs[2]), outs[1]:receive()',
      20,
      none,
      false,
    ],
    [
      'returns as many channels as asked for',
      'local outs = goroutine.fan_out(full(), 5) return #outs, outs[5]:receive()',
      5,
      none,
      false,
    ],
    [
      'drained one after the other gives everything',
      'local t = {} for _, ch in ipairs(goroutine.fan_out(feed(100), 3)) do for v in ch:range() do t[#t + 1] = v end end table.sort(t) return #t, t[1], t[100]',
      100,
      1,
      100,
    ],
  ]);
  itRaises([
    [
      'makes no crowds',
      'goroutine.fan_out(channel.make(), 1e9)',
      /#2 to 'fan_out' \(integer of at most 65536 expected, got 1000000000\.0\)/,
    ],
    [
      'needs a number',
      'goroutine.fan_out(channel.make())',
      /^script:1: bad argument #2 to 'fan_out' \(integer of at least 1 expected, got nil\)/,
    ],
    [
      'needs at least one',
      'goroutine.fan_out(channel.make(), 0)',
      /#2 to 'fan_out' \(integer of at least 1 expected, got 0\)/,
    ],
  ]);
});

describe.concurrent('goroutine.broadcast', () => {
  rows([
    [
      'gives each value to all channels, in order',
      'local outs = goroutine.broadcast(feed(50), 3) local hs = {} for i, ch in ipairs(outs) do hs[i] = goroutine.async(function() local n = 0 for v in ch:range() do n = n + 1 assert(v == n) end return n end) end local s = 0 for _, r in ipairs(goroutine.await_all(hs)) do s = s + r.value end return s',
      150,
    ],
    [
      'gives copies',
      'local outs = goroutine.broadcast(full({1}), 2) local a, b = outs[1]:receive(), outs[2]:receive() a[1] = 9 return b[1]',
      1,
    ],
  ]);
  itRaises([
    [
      'needs a channel',
      'goroutine.broadcast({}, 2)',
      /^script:1: bad argument #1 to 'broadcast' \(channel to receive from expected, got table\)/,
    ],
    [
      'needs a whole number',
      'goroutine.broadcast(channel.make(), 1.5)',
      /#2 to 'broadcast' \(integer of at least 1 expected, got 1.5\)/,
    ],
  ]);
});

describe.concurrent('channels behind channels', () => {
  it('are in no deadlock report, but do not hide a deadlock', async () => {
    const source =
      'local ch = channel.make()\nlocal out = goroutine.pipeline(goroutine.fan_in({ch}), {function(v) return v end})\nout:receive()';
    const {kind, message} = await runScript(source);
    expect(kind).toBe('deadlock');
    expect(message).toContain('1 goroutine is blocked');
    expect(message).toContain('script:3');
    expect(message).not.toContain('library');
  });

  it('name the line of the program that started them', async () => {
    const {stderr} = await runScript(
      'local ch = channel.make(1) ch:send(1) ch:close()\nlocal out = goroutine.pipeline(ch, {function(v)\n  goroutine.spawn(error, "boom", 0) goroutine.sleep(5) return v\nend})\nout:receive()',
    );
    expect(stderr).toContain('spawned at script:3');
  });

  it('are named by --explain where they are called', async () => {
    const {stderr} = await runScript(
      'local n = 0\nlocal out = goroutine.pipeline(channel.make(), {function(v) n = n + v end})',
      {explain: true},
    );
    expect(stderr).toMatch(/^explain: script:2: shared: assigns the captured variable 'n' \(script:2\)$/m);
  });

  it('can be left in the middle', async () => {
    expect(
      await valuesOf(
        `${helpers} for v in goroutine.pipeline(feed(100000), {function(v) return v end}):range() do if v == 3 then return v end end`,
        {noWait: true},
      ),
    ).toEqual([3]);
  });

  it('keep their errors apart from those of the program', async () => {
    expect(
      await errorOf(
        `${helpers} local out, errors = goroutine.pipeline(full(1), {function(v) error("stage") end}) list(out) error(errors:receive().error, 0)`,
      ),
    ).toMatch(/stage/);
  });
});
