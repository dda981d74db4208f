import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript, valuesOf} from './script.js';

const none = undefined;

describe.concurrent('a pool', () => {
  itReturns([
    ['is made with true', 'return goroutine.pool_create("p"), goroutine.pool_create("q", {workers = 2})', true, true],
    [
      'has four workers unless told otherwise',
      'goroutine.pool_create("p") return goroutine.pool_stats("p").workers',
      4,
    ],
    [
      'gives each job an id',
      'goroutine.pool_create("p") local a, b = goroutine.pool_submit("p", print), goroutine.pool_submit("p", function() end) return math.type(a), a ~= b',
      'integer',
      true,
    ],
    [
      'runs jobs with their arguments',
      'local c = channel.make(3) goroutine.pool_create("p") for i = 1, 3 do goroutine.pool_submit("p", function(k, n) c:send(n) end, "k", i) end goroutine.pool_wait("p") return #c',
      3,
    ],
    [
      'waits for all that was submitted',
      'goroutine.pool_create("p", {workers = 2}) local n = goroutine.atomic_int() for i = 1, 50 do goroutine.pool_submit("p", function() goroutine.sleep(1) n:add(1) end) end return goroutine.pool_wait("p"), n:load()',
      true,
      50,
    ],
    [
      'stays usable after a wait',
      'goroutine.pool_create("p") local n = goroutine.atomic_int() for round = 1, 3 do goroutine.pool_submit("p", function() n:add(1) end) goroutine.pool_wait("p") end return n:load()',
      3,
    ],
    [
      'waits at most its time',
      'goroutine.pool_create("p") goroutine.pool_submit("p", function() goroutine.sleep(100) end) return goroutine.pool_wait("p", 5)',
      false,
      'timeout',
    ],
    [
      'waits at most its time in a table',
      'goroutine.pool_create("p") goroutine.pool_submit("p", function() goroutine.sleep(100) end) return goroutine.pool_wait("p", {timeout = 5})',
      false,
      'timeout',
    ],
    ['with nothing to do is waited for at once', 'goroutine.pool_create("p") return goroutine.pool_wait("p")', true],
    [
      'runs at most its workers at once',
      'goroutine.pool_create("p", {workers = 3}) local now, most = goroutine.atomic_int(), goroutine.atomic_int() for i = 1, 20 do goroutine.pool_submit("p", function() local n = now:add(1) local m = most:load() while n > m and not most:compare_and_swap(m, n) do m = most:load() end goroutine.sleep(2) now:add(-1) end) end goroutine.pool_wait("p") return most:load()',
      3,
    ],
    [
      'counts what succeeded and what failed',
      'goroutine.pool_create("p") for i = 1, 5 do goroutine.pool_submit("p", function() if i > 3 then error("x") end end) end goroutine.pool_wait("p") local s = goroutine.pool_stats("p") return s.name, s.active, s.queued, s.completed, s.failed',
      'p',
      0,
      0,
      3,
      2,
    ],
    [
      'counts what runs and what waits',
      'goroutine.pool_create("p", {workers = 2}) local c = channel.make() for i = 1, 5 do goroutine.pool_submit("p", function() c:receive() end) end goroutine.sleep(10) local s = goroutine.pool_stats("p") c:close() goroutine.pool_wait("p") return s.active, s.queued',
      2,
      3,
    ],
    [
      'closes when everything accepted has ended',
      'goroutine.pool_create("p", {workers = 1}) local n = goroutine.atomic_int() for i = 1, 5 do goroutine.pool_submit("p", function() goroutine.sleep(1) n:add(1) end) end return goroutine.pool_close("p"), n:load()',
      true,
      5,
    ],
    ['closes once', 'goroutine.pool_create("p") goroutine.pool_close("p") return goroutine.pool_close("p")', false],
    [
      'takes no jobs once it is closed',
      'goroutine.pool_create("p") goroutine.pool_close("p") return goroutine.pool_submit("p", print)',
      none,
      'pool is closed',
    ],
    [
      'keeps its statistics after close',
      'goroutine.pool_create("p") goroutine.pool_submit("p", function() end) goroutine.pool_close("p") return goroutine.pool_stats("p").completed',
      1,
    ],
    ['that does not exist takes no jobs', 'return goroutine.pool_submit("nope", print)', none, 'pool not found: nope'],
    ['that does not exist has no statistics', 'return goroutine.pool_stats("nope")', none, 'pool not found: nope'],
    ['that does not exist is not closed', 'return goroutine.pool_close("nope")', false],
    ['that does not exist is not waited for', 'return goroutine.pool_wait("nope")', false, 'pool not found: nope'],
    [
      'is finished before another of its name is made',
      'goroutine.pool_create("p", {workers = 1}) local n = goroutine.atomic_int() for i = 1, 5 do goroutine.pool_submit("p", function() goroutine.sleep(1) n:add(1) end) end goroutine.pool_create("p", {workers = 7}) local s = goroutine.pool_stats("p") return n:load(), s.workers, s.completed',
      5,
      7,
      0,
    ],
    [
      'is found from goroutines on other islands',
      'goroutine.pool_create("p") local h = goroutine.parallel(function() goroutine.pool_submit("p", function() end) goroutine.pool_wait("p") return goroutine.pool_stats("p").completed end) return h:await()',
      true,
      1,
    ],
    [
      'lets jobs submit jobs',
      'goroutine.pool_create("p", {workers = 1}) local n = goroutine.atomic_int() goroutine.pool_submit("p", function() n:add(1) goroutine.pool_submit("p", function() n:add(1) end) end) goroutine.pool_wait("p") return n:load()',
      2,
    ],
    [
      'gives each job defers and locks of its own',
      'goroutine.pool_create("p", {workers = 1}) local mu, c = goroutine.mutex(), channel.make(2) goroutine.pool_submit("p", function() mu:lock() defer(function() c:send("deferred") end) end) goroutine.pool_submit("p", function() c:send(select(2, mu:lock())) end) goroutine.pool_wait("p") return c:receive(), (c:receive())',
      'deferred',
      'abandoned',
    ],
    [
      'loses no job that got an id',
      'goroutine.pool_create("p", {workers = 2}) local n, ids = goroutine.atomic_int(), 0 for i = 1, 2000 do if goroutine.pool_submit("p", function() n:add(1) end) then ids = ids + 1 end end goroutine.pool_close("p") return n:load() == ids, ids',
      true,
      2000,
    ],
    [
      'loses no job when it is closed while others submit',
      'goroutine.pool_create("p", {workers = 2}) local n, ids = goroutine.atomic_int(), goroutine.atomic_int() local wg = goroutine.wait_group() for w = 1, 4 do wg:go(function() for i = 1, 200 do if goroutine.pool_submit("p", function() n:add(1) end) then ids:add(1) end end end) end goroutine.sleep(1) goroutine.pool_close("p") wg:wait() return n:load() == ids:load(), goroutine.pool_stats("p").completed == n:load()',
      true,
      true,
    ],
    ['holds no run open while it idles', 'goroutine.pool_create("p") return 1', 1],
  ]);

  itRaises([
    ['needs a name', 'goroutine.pool_create()', /bad argument #1 to 'pool_create' \(string expected, got no value\)/],
    [
      'needs a worker',
      'goroutine.pool_create("p", {workers = 0})',
      /pool_create: workers must be an integer of at least 1, got 0/,
    ],
    [
      'needs whole workers',
      'goroutine.pool_create("p", {workers = 1.5})',
      /workers must be an integer of at least 1, got 1.5/,
    ],
    [
      'needs workers that are a number',
      'goroutine.pool_create("p", {workers = "4"})',
      /workers must be an integer of at least 1, got 4/,
    ],
    [
      'has no unknown options',
      'goroutine.pool_create("p", {wokers = 4})',
      /pool_create: option 'wokers' is not supported/,
    ],
    [
      'takes options in a table',
      'goroutine.pool_create("p", 4)',
      /bad argument #2 to 'pool_create' \(table expected, got number\)/,
    ],
    [
      'runs functions',
      'goroutine.pool_create("p") goroutine.pool_submit("p", 4)',
      /bad argument #2 to 'pool_submit' \(function expected, got number\)/,
    ],
    [
      'waits for a time that is not negative',
      'goroutine.pool_create("p") goroutine.pool_wait("p", -1)',
      /bad argument #2 to 'pool_wait'.*negative/,
    ],
  ]);
});

describe.concurrent('jobs that failed', () => {
  const submit =
    'goroutine.pool_create("workers") for i = 1, 3 do goroutine.pool_submit("workers", function() error("disk " .. i, 0) end) end ';

  it('are reported in one line when the pool is closed', async () => {
    const {stderr, uncaught, kind} = await runScript(`${submit} goroutine.pool_close("workers")`);
    expect(stderr).toMatch(/^pool 'workers': 3 of 3 jobs failed, first: disk \d\n$/);
    expect({kind, uncaught}).toEqual({kind: 'succeeded', uncaught: 1});
  });

  it('are reported at the end of the run of a pool that was not closed', async () => {
    const {stderr, uncaught} = await runScript(submit);
    expect(stderr).toMatch(/^pool 'workers': 3 of 3 jobs failed, first: disk \d\n$/);
    expect(uncaught).toBe(1);
  });

  it('are not reported when somebody reads the statistics after the failure', async () => {
    const source = `${submit} goroutine.pool_wait("workers") goroutine.pool_stats("workers") goroutine.pool_close("workers")`;
    expect(await runScript(source)).toMatchObject({stderr: '', uncaught: 0});
  });

  it('are reported when the statistics were read only before the failure', async () => {
    const source = `goroutine.pool_create("workers") goroutine.pool_stats("workers")
      goroutine.pool_submit("workers", function() error("late", 0) end)`;
    expect((await runScript(source)).stderr).toBe("pool 'workers': 1 of 1 jobs failed, first: late\n");
  });

  it('are reported when another pool of the name is made', async () => {
    const {stderr} = await runScript(`${submit} goroutine.pool_create("workers")`);
    expect(stderr).toMatch(/^pool 'workers': 3 of 3 jobs failed/);
  });

  it('do not end the pool', async () => {
    const source = `${submit} goroutine.pool_submit("workers", function() end) goroutine.pool_wait("workers")
      local s = goroutine.pool_stats("workers") return s.completed, s.failed`;
    expect(await valuesOf(source)).toEqual([1, 3]);
  });
});
