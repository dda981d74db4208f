import {describe, expect, it} from 'vitest';
import {inWorker, runProcess} from './process.js';

const fine = {code: 0, signal: null, stderr: ''};

describe('a process with a synchronous engine', () => {
  it('ends by itself when the engine was never closed', async () => {
    expect(await runProcess("new Lua().eval('x = 1'); console.log('end');")).toEqual({...fine, stdout: 'end\n'});
  });

  it('stays alive for goroutines that the engine started, and no longer', async () => {
    const program = `
      const lua = new Lua();
      lua.eval('go.spawn(function() goroutine.sleep(50) print("late") end)');`;
    expect(await runProcess(program)).toEqual({...fine, stdout: 'late\n'});
  });

  it('may exit in the middle of a call', async () => {
    const program = `
      const lua = new Lua();
      lua.set('leave', () => process.exit(5));
      lua.eval('coroutine.wrap(function() pcall(leave) end)()');`;
    expect(await runProcess(program)).toEqual({...fine, code: 5, stdout: ''});
  });

  it('survives that everything of an engine is used after its end', async () => {
    const program = `
      const lua = new Lua();
      const [fn, table, co, file] = lua.eval('return function() end, setmetatable({}, {}), coroutine.create(print), io.stdout');
      class Thing {}
      lua.set('thing', new Thing());
      lua.close();
      for (const use of [() => fn(), () => table.x, () => { table.x = 1; }, () => [...table], () => file.x, () => String(table)]) {
        let code;
        try { use(); } catch (error) { code = error.code; }
        check(code === 'E_CLOSED', String(use) + ' ' + code);
      }
      const other = new Lua();
      for (const value of [fn, co]) other.set('value', value);
      other.eval('pcall(value)');
      other.close();`;
    expect(await runProcess(program)).toEqual({...fine, stdout: ''});
  });

  it('survives that everything is collected in any order', async () => {
    const program = `
      class Thing { constructor() { this.data = new Array(100).fill(0); } }
      for (let round = 0; round < 30; round++) {
        const lua = new Lua({memoryLimitBytes: 64 << 20});
        const made = lua.eval('local all = {} for i = 1, 200 do all[i] = i % 2 == 0 and function() return i end or setmetatable({i}, {__gc = function() end}) end return table.unpack(all)');
        check(made.length === 200, 'all arrived');
        lua.set('keep', (...args) => args.length);
        for (let i = 0; i < 100; i++) lua.call('keep', new Thing(), made[i], [made[i], new Thing()]);
        if (round % 3 === 0) lua.eval('collectgarbage()');
        if (round % 2 === 0) lua.close();
        if (round % 5 === 0) { gc(); await sleep(1); }
      }
      gc();
      await sleep(20);
      gc();`;
    expect(await runProcess(program, ['--expose-gc'])).toEqual({...fine, stdout: ''});
  });

  it('survives forged and hostile calls', async () => {
    const program = `
      const lua = new Lua();
      class Thing { get x() { throw null; } }
      lua.set('thing', new Thing());
      lua.set('fail', () => { throw null; });
      const attempts = [
        'debug.setmetatable(thing, {__index = function() return 1 end}) return thing.x',
        'return getmetatable(thing).__gc(thing)', 'debug.getmetatable(thing).__gc(thing) return thing.x',
        'debug.getmetatable(thing).__gc(thing) debug.getmetatable(thing).__gc(thing) return tostring(thing)',
        'return debug.getmetatable(thing).__index(io.stdout, "x")', 'return debug.getmetatable(thing).__index({}, "x")',
        'return debug.getmetatable(thing).__pairs()', 'return debug.getmetatable(thing).__len(1)',
        'debug.setupvalue(fail, 1, 1) return fail()', 'debug.setupvalue(fail, 1, thing) return fail()',
        'thing[nil] = 1', 'thing[{}] = 1', 'return thing[function() end]', 'return #thing', 'return thing()', 'return thing + 1',
        'error(thing)', 'error(setmetatable({}, {__tostring = function() error("again") end}))', 'error(nil)', 'error()',
        'setmetatable(_G, {__index = function(_, k) error("no " .. tostring(k)) end}) return missing',
        'return string.rep("x", -1), ("x"):rep(1 << 40)', 'return table.unpack({}, 1, 1e7)', 'return select("#", table.unpack({}, 1, 200000))',
        'coroutine.wrap(function() coroutine.yield(coroutine.running()) end)()', 'coroutine.yield(1)',
        'local t = setmetatable({}, {__pairs = function() error("p") end}) return t', 'return coroutine.close(coroutine.running())',
        'debug.sethook(function() error("hook") end, "l") local x = 1', 'debug.sethook(function() fail() end, "c") print()',
        'goroutine.create(fail)', 'go.spawn(fail)', 'goroutine.parallel(function() return thing end):cancel()',
        'local ok = pcall(string.dump, fail)', 'for k in pairs(debug.getregistry()) do end', 'debug.getregistry()[1] = nil',
      ];
      for (const source of attempts) {
        const one = new Lua();
        one.set('thing', new Thing());
        one.set('fail', () => { throw null; });
        try {
          for (const value of one.eval(source)) {
            try { String(value); JSON.stringify(value); if (typeof value === 'object' && value) [...value]; } catch {}
          }
        } catch (error) {
          check(error instanceof Error, 'an error for ' + source);
        }
        try { one.eval('return 1'); } catch {}
        one.close();
      }
      const nowhere = {get a() { throw null; }, toString: undefined};
      for (const value of [nowhere, new Proxy({}, {get() { throw 1; }, ownKeys() { throw 2; }, getPrototypeOf() { throw 3; }}), Object.create(nowhere)]) {
        for (const objects of ['auto', 'copy', 'reference']) {
          try { lua.set('value', value, {objects}); lua.eval('return value.a, pairs(value), #value'); } catch (error) { check(error instanceof Error, 'an error'); }
        }
      }`;
    expect(await runProcess(program)).toMatchObject({code: 0, signal: null});
  });
});

describe('worker threads with synchronous engines', () => {
  it('are terminated in the middle of any call', async () => {
    const inside = `
      const lua = new Lua({stdout() {}, stderr() {}});
      lua.set('host', (x) => x);
      const kinds = [
        'while true do end',
        'while true do pcall(function() while true do host({1, 2}) end end) end',
        'while true do local s = 0 for i = 1, 1000 do s = s + host(i) end end',
        'while true do coroutine.wrap(function() while true do pcall(error, host("x")) end end)() end',
        'while true do setmetatable({}, {__gc = function() host(1) end}) end',
        'while true do go.spawn(function() channel.sleep(0.001) end) print("x") for i = 1, 1e4 do end end',
        'return ("x"):rep(1e9):find(("x"):rep(100) .. "y")',
      ];
      parentPort.postMessage('started');
      await sleep(0);
      lua.eval(kinds[workerData]);
      throw new Error('it returned');`;
    const outside = `
      const threads = [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6].map(async (kind, i) => {
        const worker = start({workerData: kind});
        worker.on('error', (error) => { console.error(error); process.exit(8); });
        await once(worker, 'message');
        await sleep(10 + 40 * Math.random());
        await worker.terminate();
      });
      await Promise.all(threads);
      const lua = new Lua();
      check(lua.eval('return 1')[0] === 1, 'another engine works');
      lua.close();`;
    expect(await runProcess(inWorker(inside, outside))).toEqual({...fine, stdout: ''});
  }, 90_000);

  it('end while engines are open', async () => {
    const inside = `
      const runtime = new Runtime({workers: 2, ...quiet});
      const engines = [new Lua({stdout() {}, stderr() {}}), new Lua({runtime}), new Lua({runtime})];
      for (const lua of engines) lua.eval('go.spawn(function() while true do goroutine.sleep(1) end end) kept = setmetatable({}, {__gc = function() while true do end end})');
      globalThis.kept = engines.map((lua) => lua.globals);
      parentPort.postMessage('started');
      process.exit(0);`;
    const outside = `
      for (let i = 0; i < 5; i++) {
        const worker = start();
        await once(worker, 'exit');
      }`;
    expect(await runProcess(inWorker(inside, outside))).toEqual({...fine, stdout: ''});
  });
});
