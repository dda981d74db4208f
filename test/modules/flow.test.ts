import {describe, expect, it} from 'vitest';
import {EventHub} from '../../lib/modules/event/event-hub.js';
import {errorWithModules, hundredTimes, runWithModules, valuesWithModules} from './module-script.js';

const virtual = {timeoutMs: 3_600_000, runtime: {clock: 'virtual' as const}};

describe('flow.circuit_breaker', () => {
  it('gives what the function gives', async () => {
    expect(await valuesWithModules('return flow.circuit_breaker("a", function() return 1, nil, 3 end)')).toEqual([
      1,
      undefined,
      3,
    ]);
    expect(await valuesWithModules('return select("#", flow.circuit_breaker("a", function() end))')).toEqual([0]);
  });

  it('opens after failures in a row, tries again after a time, and closes on success', async () => {
    const source = `
      local options = {failure_threshold = 2, recovery_timeout = "10s"}
      local function call(f) return select(2, flow.circuit_breaker("db", f, options)) or "fine" end
      local function down() error("down", 0) end
      local function up() return true end
      local said = {call(down), call(up), call(down), call(down), call(up)}
      channel.sleep(9.9) said[6] = call(up)
      channel.sleep(0.2) said[7] = call(down)
      said[8] = call(up)
      channel.sleep(10.1) said[9] = call(up) said[10] = call(down) said[11] = call(up)
      return said`;
    const open = "circuit 'db' is open";
    expect(await valuesWithModules(source, virtual)).toEqual([
      ['down', 'fine', 'down', 'down', open, open, 'down', open, 'fine', 'down', 'fine'],
    ]);
  });

  it('counts nil, false and success == false as failures', async () => {
    for (const failure of ['nil, "no"', 'false', '{success = false}']) {
      const source = `
        flow.circuit_breaker("x", function() return ${failure} end, {failure_threshold = 1})
        return (select(2, flow.circuit_breaker("x", function() return 1 end)))`;
      expect(await valuesWithModules(source)).toEqual(["circuit 'x' is open"]);
    }
  });

  it('lets one call try at a time when half open', async () => {
    const source = `
      local options = {failure_threshold = 1, recovery_timeout = 1}
      flow.circuit_breaker("x", function() return nil end, options)
      channel.sleep(2)
      local slow = goroutine.async(function() return flow.circuit_breaker("x", function() channel.sleep(1) return "tried" end, options) end)
      channel.sleep(0.5)
      local _, refused = flow.circuit_breaker("x", function() return 1 end, options)
      local _, tried = slow:await()
      return refused, tried, flow.circuit_breaker("x", function() return "closed" end, options)`;
    expect(await valuesWithModules(source, virtual)).toEqual(["circuit 'x' is open", 'tried', 'closed']);
  });

  it('gives the place of a cancelled call back', async () => {
    const source = `
      local options = {failure_threshold = 1, recovery_timeout = 1}
      flow.circuit_breaker("x", function() return nil end, options)
      channel.sleep(2)
      goroutine.timeout(10, flow.circuit_breaker, "x", function() channel.sleep(60) end, options)
      return flow.circuit_breaker("x", function() return "tried" end, options)`;
    expect(await valuesWithModules(source, virtual)).toEqual(['tried']);
  });

  it('is one for all islands, and takes its options from the configuration', async () => {
    const config = () => ({circuit_breakers: {api: {failure_threshold: 3}, default: {failure_threshold: 1}}});
    const source = `
      local function fail(name) return goroutine.parallel(function() return flow.circuit_breaker(name, function() return false end) end):await() end
      for i = 1, 3 do fail("api") end
      fail("other")
      return reliability.get_circuit_stats("api").state, reliability.get_circuit_stats("other").state, reliability.list_circuits(),
        reliability.reset_circuit("api"), reliability.get_circuit_stats("api").state`;
    expect(await valuesWithModules(source, {config})).toEqual(['open', 'open', ['api', 'other'], true, 'closed']);
  });

  it('tells when it opens and closes', async () => {
    const events = new EventHub();
    const heard = events.subscribe('circuit.*');
    await valuesWithModules(
      'flow.circuit_breaker("x", function() return nil end, {failure_threshold = 1}) reliability.reset_circuit("x")',
      {events},
    );
    expect((await heard.next(new AbortController().signal))?.map(({type, data}) => [type, data])).toEqual([
      ['circuit.opened', {name: 'x'}],
      ['circuit.closed', {name: 'x'}],
    ]);
  });

  it('counts a hundred goroutines at once exactly', async () => {
    const source = `${hundredTimes('return flow.circuit_breaker("x", function() return i % 2 == 0 and i or nil, "odd" end, {failure_threshold = 1000}) or 0').replace('return results', '')}
      local stats = reliability.get_circuit_stats("x")
      return stats.requests, stats.failures, stats.successes`;
    expect(await valuesWithModules(source)).toEqual([100, 50, 50]);
  });

  it.each([
    ['flow.circuit_breaker("x")', "bad argument #2 to 'flow.circuit_breaker' (function expected, got no value)"],
    ['flow.circuit_breaker("x", print, {threshold = 1})', "there is no option 'threshold'"],
    [
      'flow.circuit_breaker("x", print, {failure_threshold = 0})',
      "option 'failure_threshold': an integer of at least 1 expected, got 0",
    ],
    [
      'flow.circuit_breaker("x", print, {recovery_timeout = "soon"})',
      'option \'recovery_timeout\': seconds or a duration such as "10s" expected, got "soon"',
    ],
    [
      'flow.rate_limit("x", 0, print)',
      "bad argument #2 to 'flow.rate_limit' (a number of calls a second above 0 expected)",
    ],
    ['flow.rate_limit("x", 1)', "bad argument #3 to 'flow.rate_limit' (function expected, got nil)"],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(`script:1: ${message}`);
  });
});

describe('flow.rate_limit', () => {
  it('spaces calls of a name over all islands', async () => {
    const source = `
      local began = goroutine.now()
      local handles = {}
      for i = 1, 10 do handles[i] = goroutine.parallel(function() return flow.rate_limit("api", 10, function() return goroutine.now() end) end) end
      local last = 0
      for _, r in ipairs(goroutine.await_all(handles)) do last = math.max(last, r.value) end
      return math.floor((last - began) / 10 + 0.5)`;
    expect(await valuesWithModules(source, virtual)).toEqual([90]);
  });

  it('is one of its line without a name, and lets errors pass', async () => {
    const source = `
      local times = {}
      for i = 1, 3 do
        flow.rate_limit(2, function() times[#times + 1] = math.floor(goroutine.now() / 100 + 0.5) end)
        flow.rate_limit(1000, function() end)
      end
      return times[2] - times[1], times[3] - times[2], pcall(flow.rate_limit, "e", 10, function() error("mine", 0) end)`;
    expect(await valuesWithModules(source, virtual)).toEqual([5, 5, false, 'mine']);
  });
});

describe('error.try and error.retry', () => {
  it('catch, and always finish', async () => {
    const source = `
      local log = {}
      local function finish() log[#log + 1] = "finally" end
      local a, b = error.try(function() return 1, 2 end, nil, finish)
      local c = error.try(function() error({code = 7}) end, function(e) return e.code end, finish)
      local ok, problem = pcall(error.try, function() error("first", 0) end, function() error("second", 0) end, finish)
      local nothing, message = error.try(function() error("quiet", 0) end)
      return a, b, c, ok, problem, #log, nothing, message, pcall(error, "still a function", 0)`;
    expect(await valuesWithModules(source)).toEqual([
      1,
      2,
      7,
      false,
      'second',
      3,
      undefined,
      'quiet',
      false,
      'still a function',
    ]);
  });

  it('finish a call that is cancelled', async () => {
    const source = `
      local done = channel.make(1)
      goroutine.timeout(10, error.try, function() channel.sleep(60) end, nil, function() done:send("finished") end)
      return (done:receive())`;
    expect(await valuesWithModules(source, virtual)).toEqual(['finished']);
  });

  it('retry with growing waits', async () => {
    const source = `
      local times, began = {}, goroutine.now()
      local result, problem = error.retry(function(attempt) times[attempt] = math.floor((goroutine.now() - began) / 100 + 0.5) error("no " .. attempt, 0) end, 4, 1000, 3)
      return times, result, problem, error.retry(function(n) return n end)`;
    expect(await valuesWithModules(source, virtual)).toEqual([[0, 10, 40, 130], undefined, 'no 4', 1]);
  });

  it('complain about what makes no sense', async () => {
    expect(await errorWithModules('error.retry(print, 0)')).toBe(
      "script:1: bad argument #2 to 'error.retry' (an integer of at least 1 expected)",
    );
    expect(await errorWithModules('error.try(1)')).toContain(
      "bad argument #1 to 'error.try' (function expected, got number)",
    );
  });
});

describe('reliability', () => {
  it('tries again after raises and false results, by its strategy', async () => {
    const source = `
      local function times(strategy, extra)
        local t, began = {}, goroutine.now()
        local config = {max_attempts = 4, initial_delay = 1, strategy = strategy}
        for k, v in pairs(extra or {}) do config[k] = v end
        local _, why = reliability.retry_with_config(config, function(n) t[n] = math.floor((goroutine.now() - began) / 1000 + 0.5) return false, "no" end)
        return table.concat(t, " ") .. " " .. why
      end
      local S = reliability.strategy
      return times(S.FIXED_DELAY), times(S.LINEAR_BACKOFF), times(S.EXPONENTIAL_BACKOFF, {max_delay = 3}),
        times(S.CUSTOM_BACKOFF, {delay = function(n) return n * n end}), reliability.retry(2, 1, function(n) if n == 1 then error("x") end return n end)`;
    expect(await valuesWithModules(source, virtual)).toEqual([
      '0 1 2 3 no',
      '0 1 3 6 no',
      '0 1 3 6 no',
      '0 1 5 14 no',
      2,
    ]);
  });

  it('tells what it does', async () => {
    const source = `
      local said = {}
      reliability.retry_with_config({max_attempts = 2, initial_delay = 0, on_retry = function(n, why) said[#said + 1] = n .. " " .. why end}, function() error("no", 0) end)
      reliability.circuit_breaker("c", {max_failures = 1, on_state_change = function(name, from, to) said[#said + 1] = name .. " " .. from .. " " .. to end}, function() return nil end)
      return said`;
    expect(await valuesWithModules(source)).toEqual([['1 no', 'c closed open']]);
  });

  it.each([
    [
      'reliability.retry(0, 1, print)',
      "bad argument #1 to 'reliability.retry' (integer of at least 1 expected, got 0)",
    ],
    ['reliability.retry_with_config({attempts = 1}, print)', "there is no option 'attempts'"],
    [
      'reliability.retry_with_config({strategy = "odd"}, print)',
      "option 'strategy': 'fixed', 'linear', 'exponential' or 'custom' expected, got 'odd'",
    ],
    ['reliability.circuit_breaker("x", {tries = 1}, print)', "there is no option 'tries'"],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });
});

describe('async', () => {
  it('runs functions at once, as many as may', async () => {
    const source = `
      local running, most, began = 0, 0, goroutine.now()
      local tasks = {}
      for i = 1, 6 do
        tasks["t" .. i] = function()
          running = running + 1
          most = math.max(most, running)
          channel.sleep(1)
          running = running - 1
          if i == 3 then error("three", 0) end
          return i
        end
      end
      local results, errors = async.parallel(tasks, 2)
      return results.t1, results.t6, results.t3, errors, most, math.floor((goroutine.now() - began) / 1000 + 0.5)`;
    expect(await valuesWithModules(source, virtual)).toEqual([1, 6, undefined, {t3: 'three'}, 2, 3]);
  });

  it('gives lists as lists, and no errors where there were none', async () => {
    expect(
      await valuesWithModules(
        'local r, e = async.parallel({function() return "a" end, function() return "b" end}) return r, e',
      ),
    ).toEqual([['a', 'b'], undefined]);
    expect(await valuesWithModules('return async.parallel({})')).toEqual([{}, undefined]);
  });

  it('runs functions one after the other, up to the first error', async () => {
    const source =
      'return async.sequence({function() return 1 end, function(n) error("at " .. n, 0) end, function() return 3 end})';
    expect(await valuesWithModules(source)).toEqual([[1], 'at 1']);
  });

  it('stops a function when its time is over', async () => {
    const source =
      'return async.timeout("1m", channel.sleep, 61), (select(2, async.timeout(1, error, "own", 0))):match("^own"), async.timeout("1s", function(a) return a, 2 end, 1)';
    expect(await valuesWithModules(source, virtual)).toEqual([undefined, 'own', 1, 2]);
    expect(await errorWithModules('async.sleep("soon")')).toBe(
      'script:1: duration: seconds or a duration such as "10s" expected, got "soon"',
    );
    expect(await errorWithModules('async.parallel({1})')).toContain("function expected at '1', got number");
  });
});

describe('perf', () => {
  it('measures in the time of the runtime', async () => {
    const source = `
      local a, ms, none = perf.measure(function() channel.sleep(1.5) return "a", "b" end, "work")
      local nothing, _, problem = perf.measure(function() error("no", 0) end, "work")
      local stats = perf.stats("work")
      return a, math.floor(ms + 0.5), none, nothing, problem, stats.count, stats.failures, perf.stats("none").count`;
    expect(await valuesWithModules(source, virtual)).toEqual(['a', 1500, undefined, undefined, 'no', 2, 1, 0]);
  });

  it('tells how much memory there is', async () => {
    const source =
      'local m = perf.memory() return m.current_mb > 1, m.peak_mb >= m.current_mb, m.max_mb, math.abs(m.usage_percent - 100 * m.current_mb / m.max_mb) < 1e-6';
    expect(await valuesWithModules(source, {config: () => ({resource_limits: {max_memory: '2Gi'}})})).toEqual([
      true,
      true,
      2048,
      true,
    ]);
  });
});

describe('metrics', () => {
  it('are one for all islands', async () => {
    const source = `${hundredTimes('metrics.counter("jobs_total") metrics.histogram("size", i) return 1').replace('return results', '')}
      metrics.counter("errors_total", 2, {kind = "a"})
      local h = metrics.get_custom("size")
      return metrics.get_custom("jobs_total").value, h.count, h.sum, h.p50, h.p99, metrics.list_custom(), metrics.get_custom("none"), metrics.export()`;
    const text =
      '# TYPE errors_total counter\nerrors_total{kind="a"} 2\n# TYPE jobs_total counter\njobs_total 100\n# TYPE size summary\nsize_sum 5050\nsize_count 100\n';
    expect(await valuesWithModules(source)).toEqual([
      100,
      100,
      5050,
      50,
      99,
      ['errors_total', 'jobs_total', 'size'],
      undefined,
      text,
    ]);
  });

  it('time calls, also those that raise', async () => {
    const source =
      'metrics.timer("t", function() end) pcall(metrics.timer, "t", function() error("x") end) return metrics.get_custom("t").count';
    expect(await valuesWithModules(source)).toEqual([2]);
  });

  it.each([
    ['metrics.counter("a b")', '"a b" is no name of a metric'],
    ['metrics.counter("a", -1)', 'a counter only grows'],
    ['metrics.gauge("a", 0/0)', 'a finite number expected, got NaN'],
    ['metrics.gauge("a", 1) metrics.counter("a")', "'a' is a gauge, not a counter"],
    ['metrics.counter("a", 1, {["x-y"] = 1})', '"x-y" is no name of a label'],
    ['metrics.alert("a", {})', "option 'message' is missing"],
  ])('refuse %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });
});

describe('event', () => {
  it('reaches those whose pattern matches, in order, and lets them finish', async () => {
    const source = `
      event.on("task.*", function(e) print("task", e.type, e.data.n) end)
      event.on("*", function(e) channel.sleep(0.01) print("any", e.type) end)
      for n = 1, 3 do event.dispatch("task.done", {n = n}) end
      event.dispatch_custom("hello", "world")`;
    const {kind, stdout} = await runWithModules(source);
    expect(kind).toBe('succeeded');
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('task'))).toEqual([1, 2, 3].map((n) => `task\ttask.done\t${n}`));
    expect(lines.filter((line) => line.startsWith('any'))).toEqual([...Array(3).fill('any\ttask.done'), 'any\tcustom']);
  });

  it('comes from other islands, and from the host', async () => {
    const events = new EventHub();
    const source = `
      local heard = channel.make(10)
      local subscription = event.on("from.*", function(e) heard:send(e.type) end)
      goroutine.parallel(function() event.dispatch("from.island") end):await()
      tell()
      local all = {(heard:receive()), (heard:receive())}
      subscription:cancel()
      event.dispatch("from.nobody")
      return all, heard:try_receive()`;
    const tell = () => void events.dispatch('from.host', {});
    expect(await valuesWithModules(source, {events, globals: {tell}})).toEqual([
      ['from.island', 'from.host'],
      undefined,
      false,
      'empty',
    ]);
  });

  it('drops the oldest where a buffer is full, and counts', async () => {
    const source = `
      local gate, seen = channel.make(), channel.make(100)
      local subscription = event.on("n", function(e) gate:receive() seen:send(e.data.i) end, {buffer = 2})
      event.dispatch("n", {i = 0})
      goroutine.sleep(50)
      for i = 1, 10 do event.dispatch("n", {i = i}) end
      gate:close()
      local got = {}
      for i = 1, 3 do got[i] = seen:receive() end
      return got, subscription:dropped()`;
    expect(await valuesWithModules(source)).toEqual([[0, 9, 10], 8]);
  });

  it('tells of handlers that fail, and goes on', async () => {
    const source =
      'event.on("x", function(e) if e.data.bad then error("oh", 0) end print("good") end) event.dispatch("x", {bad = true}) event.dispatch("x", {})';
    const {stdout, stderr} = await runWithModules(source);
    expect(stdout + stderr).toContain("a handler of 'x' failed: oh");
    expect(stdout).toContain('good');
  });

  it('can be switched off', async () => {
    expect(await errorWithModules('event.dispatch("x")', {config: () => ({enable_events: false})})).toContain(
      'events are switched off',
    );
    expect(await errorWithModules('event.dispatch_file("made", "/a")')).toContain(
      "'created', 'modified' or 'deleted' expected, got 'made'",
    );
  });
});
