/**
 * Every wait of an object that goroutines meet at, in every place where code may stand: it is let through, cancelled, given up
 * after a time and with a context; and afterwards the object serves the next one as if nothing had been.
 */
import {describe, expect, it} from 'vitest';
import {valuesOf} from './script.js';

interface Wait {
  readonly name: string;
  /** Statements that return the object `o`, on which one wait blocks; `gate` is a channel that nobody else has. */
  readonly make: string;
  /** An expression that waits on `o`, with a `limit` that may be nil where it takes one. */
  readonly wait: string;
  /** Lets one waiter through. */
  readonly let: string;
  /** What the wait returns when it is given up, as a list in Lua in which `why` is the message; none: it takes no limit. */
  readonly givenUp?: string;
  /** The message after a timeout. Default: `timeout`. */
  readonly overtime?: string;
  /** Channels count in seconds. */
  readonly unit?: 'seconds';
  /** Makes the object whole again when a waiter gave up. */
  readonly mend?: string;
}

/** An object that another goroutine holds until the gate opens. */
const held = (make: string, take: string, give: string) => `local o = {gate = channel.make(), x = ${make}}
  local ready = channel.make()
  goroutine.shared(function() o.x:${take}() ready:send(true) o.gate:receive() o.x:${give}() end)
  ready:receive()
  return o`;
const open = 'o.gate:send(true)';
const failed = '{false, why}';

const waits: readonly Wait[] = [
  {
    name: 'ch:receive',
    make: 'return {x = channel.make()}',
    wait: 'o.x:receive(limit)',
    let: 'o.x:send("value")',
    givenUp: '{nil, false, why}',
    unit: 'seconds',
  },
  {
    name: 'ch:send',
    make: 'return {x = channel.make()}',
    wait: 'o.x:send("value", limit)',
    let: 'o.x:receive()',
    givenUp: failed,
    unit: 'seconds',
  },
  {
    name: 'channel.select',
    make: 'return {x = channel.make(), y = channel.make()}',
    wait: '(channel.select({{"|<-", o.x}, {"<-|", o.y, 1}}, limit))',
    let: 'o.y:receive()',
    givenUp: '{nil}',
    unit: 'seconds',
  },
  {
    name: 'wg:wait',
    make: 'local wg = goroutine.wait_group() wg:add() return {x = wg}',
    wait: 'o.x:wait(limit)',
    let: 'o.x:done()',
    givenUp: failed,
  },
  {
    name: 'mutex:lock',
    make: held('goroutine.mutex()', 'lock', 'unlock'),
    wait: 'unlocking("unlock", o.x, o.x:lock(limit))',
    let: open,
    givenUp: failed,
  },
  {
    name: 'mutex:lock, when the holder ends',
    make: held('goroutine.mutex()', 'lock', 'lock').replace('o.x:lock() end', 'end'),
    wait: 'unlocking("unlock", o.x, o.x:lock(limit))',
    let: open,
    givenUp: failed,
  },
  {name: 'mutex:with', make: held('goroutine.mutex()', 'lock', 'unlock'), wait: 'o.x:with(math.abs, -1)', let: open},
  {
    name: 'rwmutex:lock',
    make: held('goroutine.rwmutex()', 'rlock', 'runlock'),
    wait: 'unlocking("unlock", o.x, o.x:lock(limit))',
    let: open,
    givenUp: failed,
  },
  {
    name: 'rwmutex:rlock',
    make: held('goroutine.rwmutex()', 'lock', 'unlock'),
    wait: 'unlocking("runlock", o.x, o.x:rlock(limit))',
    let: open,
    givenUp: failed,
  },
  {
    name: 'rwmutex:rlock, when the writer ends',
    make: held('goroutine.rwmutex()', 'lock', 'lock').replace('o.x:lock() end', 'end'),
    wait: 'unlocking("runlock", o.x, o.x:rlock(limit))',
    let: open,
    givenUp: failed,
  },
  {
    name: 'rwmutex:with',
    make: held('goroutine.rwmutex()', 'rlock', 'runlock'),
    wait: 'o.x:with(math.abs, -1)',
    let: open,
  },
  {
    name: 'rwmutex:rwith',
    make: held('goroutine.rwmutex()', 'lock', 'unlock'),
    wait: 'o.x:rwith(math.abs, -1)',
    let: open,
  },
  {
    name: 'semaphore:acquire',
    make: 'local s = goroutine.semaphore(1) s:acquire() return {x = s}',
    wait: 'unlocking("release", o.x, o.x:acquire(1, limit))',
    let: 'o.x:release()',
    givenUp: failed,
  },
  {
    name: 'semaphore:acquire of many',
    make: 'local s = goroutine.semaphore(3) s:acquire() return {x = s}',
    wait: 'o.x:acquire(3, limit)',
    let: 'o.x:release()',
    givenUp: failed,
  },
  {
    name: 'semaphore:with',
    make: 'local s = goroutine.semaphore(1) s:acquire() return {x = s}',
    wait: 'o.x:with(math.abs, -1)',
    let: 'o.x:release()',
  },
  {
    name: 'once:call',
    make: `local o = {gate = channel.make(), x = goroutine.once()}
      local ready = channel.make()
      goroutine.shared(function() o.x:call(function() ready:send(true) o.gate:receive() return "first" end) end)
      ready:receive()
      return o`,
    wait: 'o.x:call(error, "called again")',
    let: open,
  },
  {
    name: 'cond:wait',
    make: 'return {x = goroutine.cond()}',
    wait: '(function() local m = o.x:get_mutex() m:lock() return unlocking("unlock", m, o.x:wait(limit)) end)()',
    let: 'o.x:get_mutex():with(o.x.signal, o.x)',
    givenUp: failed,
  },
  {
    name: 'latch:wait',
    make: 'return {x = goroutine.latch(1)}',
    wait: 'o.x:wait(limit)',
    let: 'o.x:count_down()',
    givenUp: failed,
  },
  {
    name: 'barrier:wait',
    make: 'return {x = goroutine.barrier(2)}',
    wait: 'o.x:wait(limit)',
    let: 'o.x:wait()',
    givenUp: failed,
    mend: 'o.x:reset()',
  },
  {
    name: "a context's channel",
    make: 'local ctx = goroutine.context() return {x = ctx}',
    wait: 'select("#", o.x:done():receive(limit))',
    let: 'o.x:cancel()',
    givenUp: '{3}',
    unit: 'seconds',
  },
  {
    name: 'errgroup:wait',
    make: `local o = {gate = channel.make(), x = goroutine.errgroup()}
      o.x:go(function() o.gate:receive() end)
      return o`,
    wait: 'o.x:wait(limit)',
    let: open,
    givenUp: failed,
  },
  {
    name: 'errgroup:go at the limit',
    make: `local o = {gate = channel.make(), x = goroutine.errgroup({limit = 1})}
      o.x:go(function() o.gate:receive() end)
      return o`,
    wait: 'o.x:go(math.abs, -1)',
    let: open,
  },
  {
    name: 'broadcaster:publish',
    make: 'local b = goroutine.broadcaster({buffer = 0}) return {x = b, y = b:subscribe()}',
    wait: 'o.x:publish("news", limit)',
    let: 'o.y:receive()',
    givenUp: failed,
  },
  {
    name: 'h:await',
    make: 'local o = {gate = channel.make()} o.x = goroutine.shared(function() o.gate:receive() end) return o',
    wait: 'o.x:await(limit)',
    let: open,
    givenUp: '{false, why, "timeout"}',
    overtime: 'timeout exceeded',
  },
  {
    name: 'goroutine.await_any',
    make: 'local o = {gate = channel.make()} o.x = goroutine.shared(function() o.gate:receive() end) return o',
    wait: 'goroutine.await_any({o.x}, limit)',
    let: open,
    givenUp: '{nil, false, why, "timeout"}',
    overtime: 'timeout exceeded',
  },
  {
    name: 'goroutine.pool_wait',
    make: `local o = {gate = channel.make(), x = pool()}
      goroutine.pool_submit(o.x, function() o.gate:receive() end)
      return o`,
    wait: 'goroutine.pool_wait(o.x, limit)',
    let: open,
    givenUp: failed,
  },
  {
    name: 'goroutine.pool_result',
    make: `local o = {gate = channel.make(), x = pool()}
      o.id = goroutine.pool_submit(o.x, function() o.gate:receive() end)
      return o`,
    wait: 'goroutine.pool_result(o.x, o.id, limit)',
    let: open,
    givenUp: '{false, why, "timeout"}',
    overtime: 'timeout exceeded',
  },
  {
    name: 'goroutine.pool_submit to a full pool',
    make: `local o = {gate = channel.make(), x = pool()}
      for _ = 1, 2 do goroutine.pool_submit(o.x, function() o.gate:receive() end) end
      return o`,
    wait: 'goroutine.pool_submit(o.x, math.abs, -1)',
    let: `for _ = 1, 2 do ${open} end`,
  },
];

const program = (
  {make, wait, let: letThrough, givenUp, overtime = 'timeout', unit, mend = ''}: Wait,
  start: string,
) => `
  local pools = goroutine.atomic_int()
  local function pool()
    local name = "pool " .. pools:add(1)
    goroutine.pool_create(name, {workers = 1, queue = 1})
    return name
  end
  local function make() ${make} end
  local function let(o) ${letThrough} end
  local function mend(o) ${mend} end
  local function unlocking(how, lock, ...)
    if (...) then lock[how](lock) end
    return ...
  end
  local function wait(o, limit) return ${wait} end

  -- Where the wait may stand.
  local function protected(f)
    local r = table.pack(pcall(f))
    if not r[1] then error(r[2], 0) end
    return table.unpack(r, 2, r.n)
  end
  local function iterated(f)
    local r
    for _ in function(_, last) if last then return nil end r = table.pack(f()) return true end do end
    return table.unpack(r, 1, r.n)
  end
  local places = {
    {"plainly", function(f) return f() end},
    {"in pcall", protected},
    {"in a coroutine", function(f) return coroutine.wrap(f)() end},
    {"in an iterator", iterated},
    {"in pcall in an iterator in a coroutine", function(f)
      return coroutine.wrap(function() return iterated(function() return protected(f) end) end)()
    end},
    {"in a metamethod", function(f)
      local r
      local _ = setmetatable({}, {__index = function() r = table.pack(f()) end}).x
      return table.unpack(r, 1, r.n)
    end},
    {"in place", function(f)
      local r
      table.sort({2, 1}, function() r = r or table.pack(f()) return false end)
      return table.unpack(r, 1, r.n)
    end},
  }

  local complaints = channel.make(1000)
  local function shown(list, n)
    local text = ""
    for i = 1, n do text = text .. (i > 1 and ", " or "") .. tostring(list[i]) end
    return text
  end
  local function check(what, got, expected, count)
    local text, wanted = shown(got, math.max(got.n, count)), shown(expected, count)
    if text:sub(1, #wanted) ~= wanted then complaints:send(what .. ": " .. text .. " instead of " .. wanted) end
  end
  local function begin(place, o, limit)
    return ${start}(function(place, o, limit) return place(function() return wait(o, limit) end) end, place, o, limit)
  end
  local function waiter(what, place, o, limit)
    local h = begin(place, o, limit)
    local status = h:status()
    while status == "ready" or status == "running" do
      goroutine.sleep(0)
      status = h:status()
    end
    if status ~= "waiting" then complaints:send(what .. " did not wait: " .. tostring(select(2, h:await()))) end
    return h
  end
  -- The next one waits, and is let through.
  local function next_one(what, place, o)
    local h = waiter(what, place, o)
    let(o)
    local ok, first = h:await()
    if not ok or first == false then complaints:send(what .. ", the next one: " .. tostring(first)) end
  end

  for _, place in ipairs(places) do
    local name, enter = place[1], place[2]
    next_one("let through " .. name, enter, make())

    local what, o = "cancelled " .. name, make()
    local h = waiter(what, enter, o)
    h:cancel("enough")
    check(what, table.pack(h:await()), {false, "cancelled: enough", "cancelled"}, 3)
    mend(o)
    next_one(what, enter, o)

    what, o = "under goroutine.timeout " .. name, make()
    h = ${start}(function(place, o)
      return goroutine.timeout(5, function() return place(function() return wait(o) end) end)
    end, enter, o)
    check(what, table.pack(h:await()), {true, false, "timeout exceeded"}, 3)
    mend(o)
    next_one(what, enter, o)
    ${givenUp ? givingUp(givenUp, overtime, unit ? '0.005' : '5') : ''}
  end
  complaints:close()
  local all = ""
  for complaint in complaints:range() do all = all .. complaint .. "\\n" end
  return all`;

const givingUp = (givenUp: string, overtime: string, time: string) => `
    local function given_up(why) return table.pack(true, table.unpack(${givenUp}, 1, ${givenUp.split(',').length})) end
    local expected = given_up("${overtime}")
    what, o = "timed out " .. name, make()
    h = begin(enter, o, ${time})
    check(what, table.pack(h:await()), expected, expected.n)
    mend(o)
    next_one(what, enter, o)

    what, o = "with a context that ends " .. name, make()
    local ctx = goroutine.context()
    h = waiter(what, enter, o, ctx)
    ctx:cancel()
    expected = given_up("context canceled")
    check(what, table.pack(h:await()), expected, expected.n)
    mend(o)
    next_one(what, enter, o)`;

describe.concurrent.each(waits)('$name', (wait) => {
  it.each([
    ['one island', 'goroutine.shared'],
    ['another island', 'goroutine.parallel'],
  ])('waits on %s, and ends in every way, wherever it stands', async (_where, start) => {
    expect(await valuesOf(program(wait, start))).toEqual(['']);
  });
});
