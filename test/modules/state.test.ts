import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, it} from 'vitest';
import {errorWithModules, hundredTimes, type ModuleScriptOptions, valuesWithModules} from './module-script.js';

const folder = mkdtempSync(join(tmpdir(), 'state-'));
afterAll(() => rmSync(folder, {recursive: true}));
let files = 0;
const newFile = (): string => {
  files += 1;
  return `state-${files}`;
};

type Backend = 'sqlite' | 'log' | 'memory';
const settingsOf = (backend: Backend, file = newFile()): ModuleScriptOptions => ({
  stateFile: join(folder, file),
  ...(backend !== 'sqlite' && {stateBackend: backend}),
});

describe.each(['sqlite', 'log', 'memory'] as const)('state in %s', (backend) => {
  const values = (source: string) => valuesWithModules(source, settingsOf(backend));
  const error = (source: string) => errorWithModules(source, settingsOf(backend));

  it('keeps values with their types', async () => {
    const source = `
      local function same(v) state.set("k", v) local r = state.get("k") return r == v and math.type(r) == math.type(v) end
      local bytes = {} for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
      state.set("t", {1, 2.0, {a = true, ["x\\0y"] = {}}, "s"})
      local t = state.get("t")
      state.set("nan", 0/0) state.set("keys", {[1] = "i", ["1"] = "s", [2.5] = "f", [true] = "b"})
      local keys, nan = state.get("keys"), state.get("nan")
      return same(1), same(1.0), same(-0.1), same(math.maxinteger), same(math.mininteger), same(1/0), same(-1/0), same(5e-324), same(table.concat(bytes)), same(true), same(false), same(""),
        t[1], math.type(t[2]), t[3].a, next(t[3]["x\\0y"]), t[4], nan ~= nan, keys[1], keys["1"], keys[2.5], keys[true]`;
    expect(await values(source)).toEqual([
      ...Array(12).fill(true),
      1,
      'float',
      true,
      undefined,
      's',
      true,
      'i',
      's',
      'f',
      'b',
    ]);
  });

  it('answers for what is not there', async () => {
    const source =
      'local v, why = state.get("x") return v, why, state.get("x", 7), state.get("x", false), state.exists("x"), state.has("x"), state.delete("x"), state.get_ttl("x"), state.list_pop("x"), state.list_length("x")';
    expect(await values(source)).toEqual([
      undefined,
      'key not found: x',
      7,
      false,
      false,
      false,
      false,
      undefined,
      undefined,
      0,
    ]);
  });

  it('lists and removes by prefix', async () => {
    const source = `
      for _, k in ipairs({"a.1", "a.2", "a%", "b"}) do state.set(k, k) end
      state.set("b", nil)
      return state.keys("a."), state.clear("a."), state.keys(), state.clear(), state.stats().total_keys, state.stats().backend`;
    expect(await values(source)).toEqual([{'a.1': 'a.1', 'a.2': 'a.2'}, 2, {'a%': 'a%'}, 1, 0, backend]);
  });

  it('counts, appends, swaps and keeps lists', async () => {
    const source = `
      state.set("big", math.maxinteger)
      local counted = {state.increment("n"), state.increment("n", 4), state.decrement("n", 2), state.increment("n", 0.5)}
      return counted, state.increment("big") == math.mininteger, state.append("s", "a\\0") .. state.append("s", "b"),
        state.compare_swap("c", nil, {x = 1, y = {2}}), state.compare_swap("c", {y = {2}, x = 1}, 1), state.compare_swap("c", 1.0, 2), state.compare_swap("c", 1, nil), state.exists("c"),
        state.list_push("l", 1, {2}), state.list_push("l", "three"), state.list_pop("l"), state.list_pop("l", "first"), state.list_length("l"), state.list_pop("l"), state.list_pop("l")`;
    expect(await values(source)).toEqual([
      [1, 5, 3, 3.5],
      true,
      'a\0a\0b',
      true,
      true,
      false,
      true,
      false,
      2,
      3,
      'three',
      1,
      1,
      [2],
      undefined,
    ]);
  });

  it('forgets what has a time', async () => {
    const source = `
      state.set("short", 1, 0.05) state.set("kept", 1, "50ms") state.set_with_ttl("long", 1, "1h")
      local limited = state.set_ttl("kept")
      goroutine.sleep(80)
      return state.get("short"), state.exists("short"), state.increment("short"), limited, state.exists("kept"), state.get_ttl("kept"), state.get_ttl("long") > 3500, state.set_ttl("none", 1)`;
    expect(await values(source)).toEqual([undefined, false, 1, true, true, undefined, true, false]);
  });

  it('loses nothing among a hundred goroutines', async () => {
    const body = `
      state.increment("n")
      state.list_push("l", i)
      state.with_lock("lock", function() state.set("plain", state.get("plain", 0) + 1) end)
      state.transaction(function(tx) tx:set("tx", tx:get("tx", 0) + 1) end)
      return i`;
    const source = `${hundredTimes(body).replace('goroutine.parallel', 'goroutine.async').replace('return results', '')} return state.get("n"), state.list_length("l"), state.get("plain"), state.get("tx")`;
    expect(await values(source)).toEqual([100, 100, 100, 100]);
  });

  it('locks for one at a time', async () => {
    const source = `
      state.lock("a")
      local taken = state.try_lock("a")
      local ok, why = state.lock("a", "30ms")
      local nothing, timeout = state.with_lock("a", print, 0.03)
      local order = {}
      local handles = {}
      for i = 1, 3 do handles[i] = goroutine.shared(function() state.with_lock("a", function() order[#order + 1] = i end) end) goroutine.sleep(20) end
      local freed, again = state.unlock("a"), nil
      goroutine.await_all(handles)
      local kept = pcall(state.with_lock, "b", function() error("x") end)
      return taken, ok, why, nothing, timeout, freed, order, state.unlock("a"), kept, state.try_lock("b")`;
    expect(await values(source)).toEqual([
      false,
      false,
      'timeout',
      undefined,
      'timeout',
      true,
      [1, 2, 3],
      false,
      false,
      true,
    ]);
  });

  it('lets a lock go when its holder is cancelled', async () => {
    const source =
      'goroutine.timeout(30, state.with_lock, "x", function() channel.sleep(60) end) return state.with_lock("x", function() return "mine" end, 5)';
    expect(await values(source)).toEqual(['mine']);
  });

  it('keeps nothing of a transaction that fails, and sees what it set itself', async () => {
    const source = `
      state.set("a", 1)
      local ok, why = pcall(state.transaction, function(tx) tx:set("a", 2) tx:delete("b") error("no", 0) end)
      local inside = state.transaction(function(tx) tx:set("a", 5) tx:set("t", 1, "1h") local a = tx:get("a") tx:delete("a") return {a, tx:get("a", "gone")} end)
      return ok, why, inside, state.exists("a"), state.get_ttl("t") > 1`;
    expect(await values(source)).toEqual([false, 'no', [5, 'gone'], false, true]);
  });

  it('tells those who watch', async () => {
    const source = `
      local watch = state.watch("job.")
      state.set("job.1", {step = 2}) state.set("other", 1)
      local first = watch.changes:receive()
      state.delete("job.1")
      local second = watch.changes:receive()
      watch:close()
      return first.key, first.value.step, second.key, second.value, (watch.changes:receive())`;
    expect(await values(source)).toEqual(['job.1', 2, 'job.1', undefined, undefined]);
  });

  it.each([
    ['state.set("f", print)', 'a function cannot be kept'],
    ['state.set("c", {a = channel.make()})', 'a channel cannot be kept'],
    ['local t = {} t.t = t state.set("t", t)', 'a table nested more than 200 deep, or in itself'],
    ['state.set("", 1)', 'key: text expected that is not empty'],
    ['state.set("s", "x") state.increment("s")', 's: a number expected, got a string'],
    ['state.set("n", 1) state.append("n", "x")', 'n: a string expected, got a number'],
    ['state.set("n", 1) state.list_push("n", 1)', 'n: a list expected, got a number'],
    ['state.set("k", 1, "soon")', 'duration: seconds or a duration such as "10s" expected, got "soon"'],
    ['state.list_pop("k", "middle")', "'first' or 'last' expected, got 'middle'"],
  ])('refuses %s', async (source, message) => {
    expect(await error(source)).toMatch(/^script:1: /);
    expect(await error(source)).toContain(message);
  });
});

describe.each(['sqlite', 'log'] as const)('state in %s', (backend) => {
  const main = fileURLToPath(new URL('../../dist/modules.js', import.meta.url));
  const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

  /** A process that runs a script with that state, and what it printed when it ends. */
  function start(source: string, settings: ModuleScriptOptions) {
    const code = `
      import {Runtime} from ${JSON.stringify(library)};
      import {standardModules} from ${JSON.stringify(main)};
      const runtime = new Runtime({modules: standardModules(${JSON.stringify(settings)})});
      await runtime.run(${JSON.stringify(source)});
      await runtime.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {stdio: ['ignore', 'pipe', 'inherit']});
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const ended = new Promise<string>((resolve) => child.once('close', () => resolve(output)));
    return {child, ended, output: () => output};
  }

  it('is there again in the next run', async () => {
    const settings = settingsOf(backend);
    await valuesWithModules('state.set("a", {1, "x"}) state.set("gone", 1) state.delete("gone")', settings);
    expect(await valuesWithModules('return state.keys()', settings)).toEqual([{a: [1, 'x']}]);
  });

  // Longer under stress: SLOTH_STATE_KILLS=100.
  const kills = Number(process.env['SLOTH_STATE_KILLS'] ?? 6);
  const seed = Number(process.env['SLOTH_STATE_SEED'] ?? Date.now() % 1_000_000);
  let drawn = seed;
  const random = (below: number): number => {
    drawn = (drawn * 48_271 + 11) % 2_147_483_647;
    return drawn % below;
  };

  it(
    'has every acknowledged write after SIGKILL at random moments',
    async () => {
      const settings = settingsOf(backend);
      for (let round = 1; round <= kills; round += 1) {
        const enough = 2 + random(80);
        const source =
          'for i = 1, 1000000 do state.set("last", i) state.list_push("all", i) io.stdout:write(i, "\\n") end';
        const {child, ended, output} = start(source, settings);
        while (output().split('\n').length < enough) await new Promise((resolve) => child.stdout.once('data', resolve));
        // Between two writes, or in one.
        for (let turns = random(50); turns > 0; turns -= 1) await new Promise(setImmediate);
        child.kill('SIGKILL');
        const lines = (await ended).split('\n').slice(0, -1);
        const acknowledged = Number(lines.at(-1));
        const [last, count] = (await valuesWithModules(
          'local n = state.list_length("all") state.delete("all") return state.get("last"), n',
          settings,
        )) as number[];
        expect(last, `round ${round} of SLOTH_STATE_SEED=${seed}`).toBeGreaterThanOrEqual(acknowledged);
        expect(last).toBeLessThanOrEqual(acknowledged + 1000);
        expect(count, `round ${round} of SLOTH_STATE_SEED=${seed}`).toBeGreaterThanOrEqual(acknowledged);
      }
    },
    kills * 10_000,
  );

  it('loses nothing where two processes work on one file', async () => {
    const settings = settingsOf(backend);
    const source = `
      local group = goroutine.wait_group()
      for worker = 1, 4 do
        group:go(function()
          for i = 1, 25 do
            state.increment("n")
            state.list_push("l", i)
            state.transaction(function(tx) tx:set("tx", tx:get("tx", 0) + 1) end)
            state.with_lock("lock", function() state.set("plain", state.get("plain", 0) + 1) end)
          end
        end)
      end
      group:wait()`;
    const processes = [start(source, settings), start(source, settings)];
    await Promise.all(processes.map(({ended}) => ended));
    expect(
      await valuesWithModules(
        'return state.get("n"), state.list_length("l"), state.get("tx"), state.get("plain")',
        settings,
      ),
    ).toEqual([200, 200, 200, 200]);
  });

  it('hears of changes in other processes', async () => {
    const settings = settingsOf(backend);
    const {ended} = start(
      'local watch = state.watch("x") state.set("ready", 1) print(watch.changes:receive().value)',
      settings,
    );
    const source = 'while not state.exists("ready") do goroutine.sleep(10) end state.set("x", "from afar")';
    await valuesWithModules(source, settings);
    expect(await ended).toBe('from afar\n');
  });
});

describe('the log of state', () => {
  it('is cut where a process was killed while it wrote, and goes on', async () => {
    const settings = settingsOf('log', 'torn');
    await valuesWithModules('state.set("a", 1) state.set("b", 2)', settings);
    const path = join(folder, 'torn.log');
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.concat([whole, whole.subarray(0, 20)]));
    expect(await valuesWithModules('state.set("c", 3) return state.keys()', settings)).toEqual([{a: 1, b: 2, c: 3}]);
    expect(await valuesWithModules('return state.keys()', settings)).toEqual([{a: 1, b: 2, c: 3}]);
  });

  it('is compacted when it is opened', async () => {
    const settings = settingsOf('log', 'long');
    await valuesWithModules('for i = 1, 1500 do state.set("k", i) end', {...settings, timeoutMs: 50_000});
    const before = readFileSync(join(folder, 'long.log')).length;
    expect(await valuesWithModules('return state.get("k")', settings)).toEqual([1500]);
    expect(readFileSync(join(folder, 'long.log')).length).toBeLessThan(before / 100);
  });
});
