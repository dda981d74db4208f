import {describe, expect, it} from 'vitest';
import {itRaises, itReturns, runScript, valuesOf} from './script.js';

const none = undefined;
/** Waits until a number of the statistics is as it should be. */
const until = `local function until_stat(name, key, value)
  while goroutine.pool_stats(name)[key] ~= value do goroutine.sleep(1) end
end `;

describe.concurrent("a pool's queue", () => {
  itReturns([
    [
      'makes submits wait while it is full',
      `${until} goroutine.pool_create("p", {workers = 1, queue = 1}) local gate = channel.make()
       local function job() gate:receive() end
       goroutine.pool_submit("p", job) goroutine.pool_submit("p", job)
       local h = goroutine.async(function() return goroutine.pool_submit("p", job) end)
       until_stat("p", "waiting", 1)
       local s = goroutine.pool_stats("p") gate:close()
       local _, id = h:await() goroutine.pool_wait("p")
       return s.active, s.queued, math.type(id), goroutine.pool_stats("p").completed`,
      1,
      1,
      'integer',
      3,
    ],
    [
      'is refused by a full pool with on_full error',
      `goroutine.pool_create("p", {workers = 1, queue = 0, on_full = "error"}) local gate = channel.make()
       local id = goroutine.pool_submit("p", function() gate:receive() end)
       local refused, why = goroutine.pool_submit("p", print) gate:close()
       goroutine.pool_wait("p") local again = goroutine.pool_submit("p", function() end)
       return id ~= nil, refused, why, again ~= nil`,
      true,
      none,
      'pool queue is full',
      true,
    ],
    [
      'lets a submit wait as long as submit_timeout says',
      `goroutine.pool_create("p", {workers = 1, queue = 0, submit_timeout = 5}) local gate = channel.make()
       goroutine.pool_submit("p", function() gate:receive() end)
       local id, why = goroutine.pool_submit("p", print) gate:close() return id, why`,
      none,
      'timeout',
    ],
    [
      'lets a submit that waits be stopped',
      `goroutine.pool_create("p", {workers = 1, queue = 0}) local gate, ran = channel.make(), goroutine.atomic_int()
       goroutine.pool_submit("p", function() gate:receive() end)
       local ok, message = goroutine.timeout(5, goroutine.pool_submit, "p", function() ran:add(1) end)
       local h = goroutine.async(function() return goroutine.pool_submit("p", function() ran:add(1) end) end)
       goroutine.sleep(2) h:cancel("enough") local _, why = h:await()
       gate:close() goroutine.pool_close("p") return ok, message, why, ran:load()`,
      false,
      'timeout exceeded',
      'cancelled: enough',
      0,
    ],
    [
      'tells submits that wait when the pool is closed',
      `${until} goroutine.pool_create("p", {workers = 1, queue = 0}) local gate = channel.make()
       goroutine.pool_submit("p", function() gate:receive() end)
       local h = goroutine.async(function() return goroutine.pool_submit("p", print) end)
       until_stat("p", "waiting", 1)
       local closing = goroutine.async(goroutine.pool_close, "p")
       local _, id, why = h:await() gate:close() return id, why, (select(2, closing:await()))`,
      none,
      'pool is closed',
      true,
    ],
    [
      'holds back goroutines of other islands, and loses nothing',
      `goroutine.pool_create("p", {workers = 2, queue = 3}) local n = goroutine.atomic_int()
       local hs = {}
       for i = 1, 3 do hs[i] = goroutine.parallel(function(n)
         local ids = 0
         for k = 1, 40 do if goroutine.pool_submit("p", function(n) n:add(1) end, n) then ids = ids + 1 end end
         return ids
       end, n) end
       local ids = 0
       for _, h in ipairs(hs) do local _, k = h:await() ids = ids + k end
       goroutine.pool_wait("p") return ids, n:load(), goroutine.pool_stats("p").completed`,
      120,
      120,
      120,
    ],
    [
      'can be waited for inside pcall and in a coroutine',
      `goroutine.pool_create("p", {workers = 1, queue = 0})
       local ids = {}
       for i = 1, 3 do
         ids[#ids + 1] = select(2, pcall(goroutine.pool_submit, "p", function() goroutine.sleep(1) end))
         ids[#ids + 1] = coroutine.wrap(function() return goroutine.pool_submit("p", function() goroutine.sleep(1) end) end)()
       end
       goroutine.pool_wait("p") return #ids, goroutine.pool_stats("p").completed`,
      6,
      6,
    ],
  ]);

  it('that never empties is a deadlock for who waits', async () => {
    const source = `goroutine.pool_create("p", {workers = 1, queue = 0}) local never = channel.make()
      for i = 1, 2 do goroutine.pool_submit("p", function() never:receive() end) end`;
    const {kind, message} = await runScript(source);
    expect(kind).toBe('deadlock');
    expect(message).toContain('blocked in pool submit');
  });
});

describe.concurrent('pool_result', () => {
  itReturns([
    [
      'waits for a job and gives its results, as often as it is asked',
      `goroutine.pool_create("p") local id = goroutine.pool_submit("p", function(a) goroutine.sleep(2) return a, {a} end, 7)
       local ok, a, t = goroutine.pool_result("p", id) local again = select(2, goroutine.pool_result("p", id))
       return ok, a, t[1], again`,
      true,
      7,
      7,
      7,
    ],
    [
      'gives the error of a job that failed',
      `goroutine.pool_create("p") local id = goroutine.pool_submit("p", function() error({code = 3}) end)
       goroutine.pool_wait("p") local ok, e, kind = goroutine.pool_result("p", id) return ok, e.code, kind`,
      false,
      3,
      'error',
    ],
    [
      'waits at most its time',
      `goroutine.pool_create("p") local id = goroutine.pool_submit("p", function() goroutine.sleep(50) end)
       return goroutine.pool_result("p", id, 1)`,
      false,
      'timeout exceeded',
      'timeout',
    ],
    [
      'waits for a job that is queued',
      `goroutine.pool_create("p", {workers = 1}) local last
       for i = 1, 5 do last = goroutine.pool_submit("p", function() return i end) end return goroutine.pool_result("p", last)`,
      true,
      5,
    ],
    [
      'of nothing returns nothing',
      'goroutine.pool_create("p") return goroutine.pool_result("p", goroutine.pool_submit("p", function() end))',
      true,
    ],
    [
      'does not know other jobs',
      'goroutine.pool_create("p") return goroutine.pool_result("p", 4711)',
      none,
      'job not found: 4711',
    ],
    ['does not know other pools', 'return goroutine.pool_result("q", 1)', none, 'pool not found: q'],
    [
      'answers after the pool was closed',
      'goroutine.pool_create("p") local id = goroutine.pool_submit("p", function() return 1 end) goroutine.pool_close("p") return goroutine.pool_result("p", id)',
      true,
      1,
    ],
    [
      'forgets what is older than keep_results',
      `goroutine.pool_create("p", {workers = 1, keep_results = 2}) local ids = {}
       for i = 1, 3 do ids[i] = goroutine.pool_submit("p", function() return i end) end goroutine.pool_wait("p")
       local _, why = goroutine.pool_result("p", ids[1])
       return why:gsub("%d+", "N", 1), (select(2, goroutine.pool_result("p", ids[2]))), (select(2, goroutine.pool_result("p", ids[3])))`,
      'job not found: N (the pool keeps the results of the last 2 jobs)',
      2,
      3,
    ],
    [
      'answers on other islands, also for jobs given from there',
      `goroutine.pool_create("p")
       return goroutine.parallel(function() return goroutine.pool_result("p", goroutine.pool_submit("p", function() return "far" end)) end):await()`,
      true,
      true,
      'far',
    ],
    [
      'can be cancelled while it waits',
      `goroutine.pool_create("p") local id = goroutine.pool_submit("p", function() goroutine.sleep(30) end)
       local h = goroutine.async(function() goroutine.pool_result("p", id) end) goroutine.sleep(2) h:cancel("no") return h:await()`,
      false,
      'cancelled: no',
      'cancelled',
    ],
    [
      'gives every one of many jobs an end',
      `goroutine.pool_create("p", {workers = 3}) local ids, good, bad = {}, 0, 0
       for i = 1, 500 do ids[i] = goroutine.pool_submit("p", function() if i % 7 == 0 then error("x") end return i end) end
       for i, id in ipairs(ids) do
         local ok, v = goroutine.pool_result("p", id)
         if ok then assert(v == i) good = good + 1 else bad = bad + 1 end
       end return good, bad`,
      429,
      71,
    ],
  ]);

  itRaises([
    [
      'needs the number of a job',
      'goroutine.pool_create("p") goroutine.pool_result("p", "x")',
      /bad argument #2 to 'pool_result' \(number expected/,
    ],
    [
      'cannot be its own',
      'goroutine.pool_create("p") local ids = channel.make(1) local id = goroutine.pool_submit("p", function() goroutine.pool_result("p", (ids:receive())) end) ids:send(id) error((select(2, goroutine.pool_result("p", id))), 0)',
      /a job cannot wait for its own result/,
    ],
  ]);

  it('is asking for that failure, and for no other', async () => {
    const submit = (reading: number) => `goroutine.pool_create("p", {workers = 1}) local ids = {}
      for i = 1, 2 do ids[i] = goroutine.pool_submit("p", function() error("disk " .. i, 0) end) end
      for i = 1, ${reading} do goroutine.pool_result("p", ids[i]) end goroutine.pool_wait("p")`;
    expect(await runScript(submit(2))).toMatchObject({stderr: '', uncaught: 0});
    expect((await runScript(submit(1))).stderr).toMatch(/^pool 'p': 2 of 2 jobs failed, first: disk \d\n$/);
  });
});

describe.concurrent('the rate limit of a pool', () => {
  itReturns([
    [
      'starts jobs no faster',
      `goroutine.pool_create("p", {workers = 8, rate_limit = 200}) local ids = {}
       local before = goroutine.now()
       for i = 1, 5 do ids[i] = goroutine.pool_submit("p", function() end) end
       return goroutine.pool_wait("p"), goroutine.now() - before >= 19`,
      true,
      true,
    ],
    [
      'holds back submits to a pool without a queue, which is no deadlock',
      `goroutine.pool_create("p", {workers = 8, queue = 0, rate_limit = 200}) local before = goroutine.now()
       for i = 1, 4 do goroutine.pool_submit("p", function() end) end return goroutine.now() - before >= 14`,
      true,
    ],
    [
      'may be a fraction',
      'goroutine.pool_create("p", {rate_limit = 0.5}) goroutine.pool_submit("p", function() end) return goroutine.pool_wait("p")',
      true,
    ],
  ]);

  it('does not keep a run that is cancelled waiting', async () => {
    const source = `goroutine.pool_create("p", {rate_limit = 0.001})
      for i = 1, 50 do goroutine.pool_submit("p", function() end) end os.exit(0)`;
    expect((await runScript(source)).ms).toBeLessThan(10_000);
  });
});

describe.concurrent('the circuit breaker of a pool', () => {
  const failures: readonly (readonly [what: string, body: string])[] = [
    ['an error', 'error("no")'],
    ['nil first', 'return nil, "no"'],
    ['false first', 'return false'],
    ['success = false', 'return {success = false}'],
  ];
  for (const [what, body] of failures) {
    itReturns([
      [
        `opens after jobs that end with ${what}`,
        `goroutine.pool_create("p", {workers = 1, circuit_breaker = {failure_threshold = 2, recovery_timeout = 60}})
         for i = 1, 2 do goroutine.pool_submit("p", function() ${body} end) end goroutine.pool_wait("p")
         local id = goroutine.pool_submit("p", function() return "ran" end)
         local ok, e, kind = goroutine.pool_result("p", id)
         return goroutine.pool_stats("p").circuit, ok, e, kind`,
        'open',
        false,
        "circuit 'p' is open",
        'error',
      ],
    ]);
  }
  itReturns([
    [
      'stays closed for jobs that return nothing',
      `goroutine.pool_create("p", {circuit_breaker = {failure_threshold = 1}})
       for i = 1, 3 do goroutine.pool_submit("p", function() end) end goroutine.pool_wait("p")
       local s = goroutine.pool_stats("p") return s.circuit, s.completed`,
      'closed',
      3,
    ],
    [
      'ends every job that is queued while it is open, and loses none',
      `goroutine.pool_create("p", {workers = 1, circuit_breaker = {failure_threshold = 1, recovery_timeout = "1h"}})
       local n = goroutine.atomic_int()
       for i = 1, 300 do goroutine.pool_submit("p", function() n:add(1) error("no") end) end
       goroutine.pool_wait("p") local s = goroutine.pool_stats("p") return n:load(), s.failed, s.queued, goroutine.pool_close("p")`,
      1,
      300,
      0,
      true,
    ],
    [
      'tries again after the recovery and closes when that goes well',
      `goroutine.pool_create("p", {workers = 1, circuit_breaker = {failure_threshold = 1, recovery_timeout = "20ms", half_open_requests = 2}})
       goroutine.pool_submit("p", function() error("no") end) goroutine.pool_wait("p")
       while goroutine.pool_stats("p").circuit ~= "half-open" do goroutine.sleep(5) end
       for i = 1, 4 do goroutine.pool_submit("p", function() return i end) end goroutine.pool_wait("p")
       local s = goroutine.pool_stats("p") return s.circuit, s.completed, s.failed`,
      'closed',
      4,
      1,
    ],
    [
      'has no state in the statistics of pools without one',
      'goroutine.pool_create("p") return goroutine.pool_stats("p").circuit',
      none,
    ],
  ]);
});

describe.concurrent('the size of a pool', () => {
  itReturns([
    [
      'grows while jobs wait, as far as it may',
      `${until} goroutine.pool_create("p", {workers = {1, 3}}) local gate = channel.make()
       local before = goroutine.pool_stats("p").workers
       for i = 1, 5 do goroutine.pool_submit("p", function() gate:receive() end) end
       local s = goroutine.pool_stats("p") gate:close() goroutine.pool_wait("p") return before, s.workers, s.active, s.queued`,
      1,
      3,
      3,
      2,
    ],
    [
      'shrinks after an idle second',
      `goroutine.pool_create("p", {workers = {min = 1, max = 3}})
       for i = 1, 3 do goroutine.pool_submit("p", function() goroutine.sleep(1) end) end goroutine.pool_wait("p")
       goroutine.sleep(1010) return goroutine.pool_stats("p").workers`,
      1,
    ],
    [
      'can be changed, which starts jobs that wait',
      `goroutine.pool_create("p", {workers = 1}) local gate = channel.make()
       for i = 1, 4 do goroutine.pool_submit("p", function() gate:receive() end) end
       local ok = goroutine.pool_resize("p", 3) local s = goroutine.pool_stats("p")
       gate:close() goroutine.pool_wait("p") return ok, s.workers, s.active, s.queued`,
      true,
      3,
      3,
      1,
    ],
    [
      'can be changed from another island',
      `goroutine.pool_create("p", {workers = 1})
       return goroutine.parallel(function() return goroutine.pool_resize("p", {2, 5}) end):await()`,
      true,
      true,
    ],
    ['of a pool that does not exist cannot', 'return goroutine.pool_resize("q", 2)', none, 'pool not found: q'],
  ]);

  itRaises([
    [
      'is at least 1',
      'goroutine.pool_create("p") goroutine.pool_resize("p", 0)',
      /pool_resize: workers must be an integer of at least 1, got 0/,
    ],
    ['is needed', 'goroutine.pool_create("p") goroutine.pool_resize("p")', /bad argument #2 to 'pool_resize'/],
  ]);
});

describe.concurrent("a pool's options", () => {
  const wrong: readonly (readonly [options: string, message: RegExp])[] = [
    ['{workers = {3, 1}}', /workers must be \{min, max\} with min not above max/],
    ['{workers = {1}}', /workers must be \{min, max\}/],
    ['{workers = {1, 2, 3}}', /it has a field '3'/],
    ['{workers = {0, 2}}', /workers' min must be an integer of at least 1, got 0/],
    ['{queue = -1}', /queue must be an integer of at least 0, got -1/],
    ['{queue = "8"}', /queue must be an integer of at least 0, got 8/],
    ['{on_full = "drop"}', /on_full must be 'block' or 'error', got drop/],
    ['{submit_timeout = -1}', /submit_timeout must be a number of milliseconds, got -1/],
    ['{rate_limit = 0}', /rate_limit must be a number of starts per second above 0, got 0/],
    ['{rate_limit = 0/0}', /rate_limit must be a number/],
    ['{circuit_breaker = true}', /circuit_breaker must be a table, got true/],
    ['{circuit_breaker = {failure_threshold = 0}}', /failure_threshold must be an integer of at least 1, got 0/],
    [
      '{circuit_breaker = {recovery_timeout = "soon"}}',
      /recovery_timeout must be a duration like "60s", or seconds, got soon/,
    ],
    ['{circuit_breaker = {recovery = 1}}', /circuit_breaker has no option 'recovery'/],
    ['{keep_results = 1.5}', /keep_results must be an integer of at least 0, got 1.5/],
    ['{[1] = 4}', /option '1' is not supported/],
  ];
  itRaises(
    wrong.map(([options, message]) => [`are checked: ${options}`, `goroutine.pool_create("p", ${options})`, message]),
  );

  it('make no pool when they are wrong', async () => {
    expect(
      await valuesOf('pcall(goroutine.pool_create, "p", {queue = -1}) return goroutine.pool_submit("p", print)'),
    ).toEqual([none, 'pool not found: p']);
  });

  it('work with captured tables being compared', async () => {
    const source = `goroutine.pool_create("p", {workers = 2, queue = 1}) local t = {1}
      for i = 1, 5 do goroutine.pool_submit("p", function() return t[1] end) end return goroutine.pool_wait("p")`;
    expect((await runScript(source, {checkCaptures: true})).values).toEqual([true]);
  });
});
