import {describe, expect, it} from 'vitest';
import {inWorker, runProcess} from './process.js';

const well = {code: 0, signal: null, stderr: ''};

// Everything a goroutine can be in the middle of.
const busy = `
  for i = 1, 3 do
    goroutine.parallel(function() while true do end end)
    go.spawn(function() channel.make():receive() end)
    goroutine.shared(function() table.sort({1, 2}, function() goroutine.sleep(60000) end) end)
    go.spawn(function() defer(function() goroutine.sleep(60000) end) goroutine.sleep(60000) end)
    goroutine.shared(function() coroutine.wrap(function() goroutine.sleep(60000) end)() end)
  end
  goroutine.pool_create("p") for i = 1, 10 do goroutine.pool_submit("p", goroutine.sleep, 60000) end
  go.spawn(function() os.execute("sleep 0.3") end)
  setmetatable({}, {__gc = function() while true do end end})
`;
const lua = (source: string) => JSON.stringify(source);

describe.concurrent('a process', () => {
  it('ends by itself when its runs have ended, though nobody closed the runtime', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime();
      console.log(await runtime.run('return 1'));`);
    expect(ended).toEqual({...well, stdout: '[ 1 ]\n'});
  });

  it('ends by itself when a runtime was never used', async () => {
    expect(await runProcess('new Runtime();')).toMatchObject(well);
  });

  it('stays while a run is live', async () => {
    const ended = await runProcess(`new Runtime().run('goroutine.sleep(200) print("late")');`);
    expect(ended).toEqual({...well, stdout: 'late\n'});
  });

  it('exits with parked and running goroutines', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      runtime.start(${lua(`${busy} while true do end`)});
      setTimeout(() => process.exit(3), 100);`);
    expect(ended).toMatchObject({...well, code: 3});
  });

  it('exits in the moment a run starts', async () => {
    expect(await runProcess(`new Runtime(quiet).start(${lua(busy)}); process.exit(4);`)).toMatchObject({
      ...well,
      code: 4,
    });
  });

  it('exits inside a host function', async () => {
    const ended = await runProcess(
      `new Runtime(quiet).start('quit() goroutine.sleep(60000)', {globals: {quit: () => process.exit(5)}});`,
    );
    expect(ended).toMatchObject({...well, code: 5});
  });

  it('exits while it closes', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      runtime.start(${lua(`${busy} while true do end`)});
      await sleep(50);
      runtime.close();
      setTimeout(() => process.exit(6), 5);`);
    expect(ended).toMatchObject({...well, code: 6});
  });

  it('ends after an uncaught exception while goroutines run', async () => {
    const ended = await runProcess(`
      new Runtime({workers: 2, ...quiet}).start(${lua(busy)});
      setTimeout(() => { throw new Error('of the program'); }, 50);`);
    expect(ended).toMatchObject({code: 1, signal: null, stderr: expect.stringContaining('Error: of the program')});
  });

  it('dies of a signal as any other', async () => {
    const ended = await runProcess(`
      new Runtime({workers: 2, ...quiet}).start(${lua(`${busy} while true do end`)});
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100);`);
    expect(ended).toMatchObject({code: null, signal: 'SIGTERM'});
  });

  it('that handles SIGURG itself still gets it', async () => {
    const ended = await runProcess(`
      let got = 0;
      process.on('SIGURG', () => got++);
      const runtime = new Runtime({workers: 2, ...quiet});
      const run = runtime.start('for i = 1, 4 do goroutine.parallel(function() while true do end end) end', {timeoutMs: 200});
      await sleep(20);
      process.kill(process.pid, 'SIGURG');
      check((await run.report).kind === 'timeout', 'the run timed out');
      check(got >= 1, 'the signal arrived');`);
    expect(ended).toMatchObject(well);
  });
});

describe.concurrent('runtimes', () => {
  it('run beside each other', async () => {
    const ended = await runProcess(`
      const a = new Runtime({workers: 2}), b = new Runtime({workers: 2});
      const sum = 'local c = channel.make() for i = 1, 50 do goroutine.parallel(function() c:send(i) end) end local s = 0 for i = 1, 50 do s = s + c:receive() end return s';
      const results = await Promise.all([a, b, a, b].map((runtime) => runtime.run(sum)));
      check(results.every(([s]) => s === 1275), JSON.stringify(results));
      await a.close();
      check((await b.run('return 2'))[0] === 2, 'the other goes on');
      await b.close();`);
    expect(ended).toMatchObject(well);
  });

  it('open and close fifty times in a row and leave nothing', async () => {
    const ended = await runProcess(`
      for (let i = 0; i < 50; i++) {
        const runtime = new Runtime({workers: 2, ...quiet});
        const run = runtime.start(${lua(busy)});
        if (i % 3 === 0) await sleep(5);
        await runtime.close({deadlineMs: 3000});
        const {runs, goroutines, islands} = runtime.stats();
        check(runs + goroutines + islands === 0, 'round ' + i + ': ' + JSON.stringify(runtime.stats()));
        check((await run.report).kind === 'cancelled', 'the run was cancelled');
      }`);
    expect(ended).toMatchObject(well);
  });

  it('may be collected without having been closed', async () => {
    const ended = await runProcess(
      `
      for (let i = 0; i < 30; i++) {
        await new Runtime({workers: 2, ...quiet}).run('for i = 1, 5 do go.spawn(function() goroutine.sleep(1) end) end');
        gc();
        await sleep(1);
      }
      gc(); await sleep(20); gc();`,
      ['--expose-gc'],
    );
    expect(ended).toMatchObject(well);
  });

  it('may be collected while their runs go on', async () => {
    const ended = await runProcess(
      `
      const runs = [];
      for (let i = 0; i < 10; i++) runs.push(new Runtime({workers: 1, ...quiet}).run('goroutine.sleep(50) return ' + i));
      gc(); await sleep(5); gc();
      check((await Promise.all(runs)).flat().join() === '0,1,2,3,4,5,6,7,8,9', 'all results');
      gc(); await sleep(5); gc();`,
      ['--expose-gc'],
    );
    expect(ended).toMatchObject(well);
  });

  it('count nothing alive after each run', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      for (let i = 0; i < 30; i++) {
        await runtime.start(${lua(busy)}, {timeoutMs: 20}).report;
        for (let wait = 0; wait < 100 && runtime.stats().goroutines + runtime.stats().islands > 0; wait++) await sleep(10);
        const {runs, goroutines, islands} = runtime.stats();
        check(runs + goroutines + islands === 0, JSON.stringify(runtime.stats()));
      }
      await runtime.close();`);
    expect(ended).toMatchObject(well);
  });

  it('close with no time to wait', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      const run = runtime.start(${lua(`${busy} while true do end`)});
      await sleep(50);
      await runtime.close({deadlineMs: 0});
      check((await run.report).kind === 'cancelled', 'the run was cancelled');`);
    expect(ended).toMatchObject(well);
  });
});

describe.concurrent('worker threads', () => {
  it('use runtimes of their own', async () => {
    const inside = `
      const runtime = new Runtime({workers: 2});
      const [sum] = await runtime.run('local c = channel.make() for i = 1, 20 do goroutine.parallel(function() c:send(i) end) end local s = 0 for i = 1, 20 do s = s + c:receive() end return s');
      await runtime.close();
      parentPort.postMessage(sum);`;
    const outside = `
      const answers = await Promise.all([1, 2, 3].map(async () => (await once(start(), 'message'))[0]));
      check(answers.join() === '210,210,210', answers.join());`;
    expect(await runProcess(inWorker(inside, outside))).toMatchObject(well);
  });

  it('are terminated in the middle of everything', async () => {
    const inside = `
      const runtime = new Runtime({workers: 2, ...quiet});
      runtime.start(${lua(`${busy} while true do print("x") later() end`)}, {globals: {later: () => sleep(1)}});
      setTimeout(() => parentPort.postMessage('running'), 20);`;
    const outside = `
      for (let round = 0; round < 5; round++) {
        const worker = start();
        await once(worker, 'message');
        await worker.terminate();
      }`;
    expect(await runProcess(inWorker(inside, outside))).toMatchObject(well);
  });

  it('are terminated while they close', async () => {
    const inside = `
      const runtime = new Runtime({workers: 2, ...quiet});
      runtime.start(${lua(`${busy} while true do end`)});
      setTimeout(() => { runtime.close(); parentPort.postMessage('closing'); }, 20);`;
    const outside = `
      for (let round = 0; round < 5; round++) {
        const worker = start();
        await once(worker, 'message');
        await worker.terminate();
      }`;
    expect(await runProcess(inWorker(inside, outside))).toMatchObject(well);
  });

  it('end while the main thread uses the addon', async () => {
    const inside = `
      const runtime = new Runtime({workers: 1, ...quiet});
      await runtime.run('for i = 1, 10 do goroutine.parallel(function() return i end) end');`;
    const outside = `
      const runtime = new Runtime({workers: 2, ...quiet});
      const run = runtime.run('local n = 0 local stop = goroutine.now() + 500 while goroutine.now() < stop do goroutine.parallel(function() return 1 end):await() n = n + 1 end return n');
      for (let round = 0; round < 5; round++) await once(start(), 'exit');
      check((await run)[0] > 0, 'the main thread worked on');
      await runtime.close();`;
    expect(await runProcess(inWorker(inside, outside))).toMatchObject(well);
  });
});

describe.concurrent('host functions', () => {
  const returns = (expression: string) => `
    const runtime = new Runtime({workers: 2, ...quiet});
    const values = await runtime.run('local ok, e = pcall(host) return ok, tostring(e)', {globals: {host: ${expression}}});
    check(values[0] === false && typeof values[1] === 'string', JSON.stringify(values));
    await runtime.close();`;
  const failures: readonly (readonly [what: string, expression: string])[] = [
    ['throw null', '() => { throw null; }'],
    ['throw undefined', '() => { throw undefined; }'],
    ['throw a string', "() => { throw 'text'; }"],
    ['throw an object without a prototype', '() => { throw Object.create(null); }'],
    ['throw an object whose message throws', "() => { throw { get message() { throw new Error('inner'); } }; }"],
    ['throw a symbol', "() => { throw Symbol('s'); }"],
    ['throw a proxy', '() => { throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } }); }'],
    ['reject with null', '() => Promise.reject(null)'],
    ['reject with nothing', '() => Promise.reject()'],
    ['reject with an error', "async () => { throw new Error('e'); }"],
    ['return what cannot cross', "() => Symbol('s')"],
    ['return an object whose getter throws', '() => ({ get x() { throw null; } })'],
    ['overflow the stack', '() => { const f = () => f(); return f(); }'],
  ];
  it.each(failures)('may %s', async (_what, expression) => {
    expect(await runProcess(returns(expression))).toMatchObject(well);
  });

  it('may never answer', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      const run = runtime.start('for i = 1, 5 do go.spawn(host) end host()', {globals: {host: () => new Promise(() => {})}});
      await sleep(20);
      await runtime.close();
      check((await run.report).kind === 'cancelled', 'the run was cancelled');
      check(runtime.stats().goroutines === 0, 'nothing is alive');`);
    expect(ended).toMatchObject(well);
  });

  it('may answer after the runtime was closed', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      let answer;
      runtime.start('host()', {globals: {host: () => new Promise((resolve) => { answer = resolve; })}});
      while (!answer) await sleep(1);
      await runtime.close();
      answer(5);
      await sleep(10);`);
    expect(ended).toMatchObject(well);
  });

  it('may answer after the goroutine was cancelled', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      const host = () => sleep(30, 'late');
      const [ok, why, n] = await runtime.run('local ok, why = goroutine.timeout(5, host) goroutine.sleep(60) return ok, why, goroutine.count()', {globals: {host}});
      check(ok === false && why === 'timeout exceeded' && n === 1, [ok, why, n].join());
      await runtime.close();`);
    expect(ended).toMatchObject(well);
  });

  it('may close the runtime that calls them', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      const run = runtime.start('host() goroutine.sleep(60000)', {globals: {host: () => { runtime.close(); }}});
      check((await run.report).kind === 'cancelled', 'the run was cancelled');
      await runtime.close();`);
    expect(ended).toMatchObject(well);
  });

  it('may start runs of the runtime that calls them', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 1, ...quiet});
      const host = async (n) => n === 0 ? 0 : (await runtime.run('local n = ... return host(n - 1) + 1', {args: [n], globals: {host}}))[0];
      check(await host(20) === 20, 'twenty runs deep');
      await runtime.close();`);
    expect(ended).toMatchObject(well);
  });

  it('may be called a hundred thousand times', async () => {
    const ended = await runProcess(`
      const runtime = new Runtime({workers: 2, ...quiet});
      let calls = 0;
      await runtime.run('local wg = goroutine.wait_group() for g = 1, 4 do wg:go(function() for i = 1, 5000 do host(i) end end) end wg:wait()', {globals: {host: () => { calls++; }}});
      check(calls === 20000, calls);
      await runtime.close();`);
    expect(ended).toMatchObject(well);
  });
});

describe.concurrent('Lua functions in JavaScript', () => {
  it('may be collected', async () => {
    const ended = await runProcess(
      `
      const runtime = new Runtime({workers: 2, ...quiet});
      for (let i = 0; i < 20; i++) {
        const [f] = await runtime.run('local n = 0 return function() n = n + 1 return n end');
        check((await f.call())[0] === 1, 'called');
        gc(); await sleep(1);
      }
      gc(); await sleep(20); gc(); await sleep(20);
      await runtime.close();
      check(runtime.stats().islands === 0, JSON.stringify(runtime.stats()));`,
      ['--expose-gc'],
    );
    expect(ended).toMatchObject(well);
  });

  it('outlive the runtime without harm', async () => {
    const ended = await runProcess(
      `
      const runtime = new Runtime({workers: 2, ...quiet});
      const [f] = await runtime.run('return function() return 1 end');
      await runtime.close();
      let code;
      try { await f.call(); } catch (error) { code = error.code; }
      check(code === 'E_CLOSED', code);
      gc(); await sleep(5); gc();`,
      ['--expose-gc'],
    );
    expect(ended).toMatchObject(well);
  });
});

describe('the process', () => {
  const ended = (program: string) => runProcess(`const runtime = new Runtime({workers: 1, ...quiet}); ${program}`);

  it('ends while a runtime is idle, not while it works', async () => {
    expect(await ended('await runtime.run("return 1"); console.log("idle")')).toMatchObject({
      code: 0,
      stdout: 'idle\n',
    });
    const late = 'runtime.start("goroutine.sleep(300) done()", {globals: {done: () => console.log("done")}})';
    expect(await ended(late)).toMatchObject({code: 0, stdout: 'done\n'});
  });

  it('ends under what was unreferenced', async () => {
    const endless = 'runtime.unref(); runtime.start("while true do end"); console.log("off")';
    expect(await ended(endless)).toMatchObject({code: 0, stdout: 'off\n'});
  });

  it('stays for what was referenced', async () => {
    const program = 'runtime.ref(); setTimeout(() => { console.log("late"); runtime.close(); }, 300).unref()';
    expect(await ended(program)).toMatchObject({code: 0, stdout: 'late\n'});
  });
});
