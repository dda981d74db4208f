import {expect, it} from 'vitest';
import {LuaFunction} from '../../lib/lua-function.js';
import {runVirtual, traceOf} from './virtual-run.js';

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}

it('takes in answers in an order of the seed, however long they take', async () => {
  const source = `
    local order, handles = {}, {}
    for i = 1, 5 do
      handles[i] = goroutine.async(function()
        for _ = 1, 2 do order[#order + 1] = double(i) end
      end)
    end
    goroutine.await_all(handles)
    print(table.concat(order, " "), goroutine.now())`;
  const traces: string[] = [];
  for (let run = 0; run < 12; run += 1) {
    const double = (n: number): Promise<number> => after((n * 7 + run * 5) % 20, n * 2);
    traces.push(await traceOf(source, {seed: 4, workers: 1 + (run % 2), globals: {double}}));
  }
  expect(new Set(traces).size).toBe(1);
  const double = (n: number): number => n * 2;
  const orders = new Set<string>();
  for (let seed = 0; seed < 10; seed += 1) orders.add(await traceOf(source, {seed, globals: {double}}));
  expect(orders.size).toBeGreaterThan(1);
});

it('holds the clock while a call is out', async () => {
  const {stdout} = await runVirtual(
    `
    go.spawn(function() goroutine.sleep(1000) print("woke") end)
    print(slow())
    print(goroutine.timeout(50, function() return slow() end))`,
    {globals: {slow: () => after(30, 'answered')}},
  );
  expect(stdout).toBe('answered\ntrue\tanswered\nwoke\n');
});

it('goes on when one call waits for what follows from another', async () => {
  let open = (_value: string): void => {};
  const opened = new Promise<string>((resolve) => {
    open = resolve;
  });
  const {stdout} = await runVirtual(
    `
    go.spawn(function() print(waits()) end)
    if answers() then opens("now") end`,
    {globals: {waits: () => opened, answers: () => true, opens: (value: string) => open(value)}},
  );
  expect(stdout).toBe('now\n');
});

it('runs what a host function calls back', async () => {
  const {stdout, values} = await runVirtual(
    `
    return each(function(n)
      goroutine.sleep(n * 1000)
      print(n, os.clock() // 1)
      return n * n
    end)`,
    {
      globals: {
        each: async (f: unknown) => {
          if (!(f instanceof LuaFunction)) throw new Error('a function was expected');
          const [first] = await f.call(1);
          const [second] = await f.call(2);
          return [first, second];
        },
      },
    },
  );
  expect(values).toEqual([[1, 4]]);
  expect(stdout).toBe('1\t1.0\n2\t3.0\n');
});

it('tells the same error for a call that fails', async () => {
  const fail = async (): Promise<never> => {
    throw new Error('refused');
  };
  const {stdout} = await runVirtual('print(pcall(fail))', {globals: {fail}});
  expect(stdout).toBe('false\trefused\n');
});
