import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {afterAll, describe, expect, test} from 'vitest';
import {type HostAnswer, Runtime, type UnhandledError} from '../../lib/index.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

/** A generator that notes what was asked of it. */
function counter(most = Number.POSITIVE_INFINITY) {
  const seen = {made: 0, ended: false};
  async function* count() {
    try {
      for (let n = 1; n <= most; n += 1) {
        seen.made = n;
        yield n;
      }
    } finally {
      seen.ended = true;
    }
  }
  return {seen, count: count as () => HostAnswer};
}

describe('an async iterable that a host function answers with', () => {
  test('is a channel in Lua, which closes when it ends', async () => {
    const {count} = counter(5);
    const source = `local numbers, problem = count() local sum = 0
      for n in numbers:range() do sum = sum + n end
      return sum, numbers:is_closed(), problem()`;
    expect(await runtime.run(source, {globals: {count}})).toEqual([15, true]);
  });

  test('may come out of a promise, and carry any value', async () => {
    const rows = [{id: 1, tags: ['a', 'b']}, [1, 2, 3], 'text', new Map([[1, 'one']]), 2n ** 60n, 0.5];
    const read = async () =>
      (async function* () {
        yield* rows;
      })();
    const source = 'local rows, all = read(), {} for row in rows:range() do all[#all + 1] = row end return all';
    expect(await runtime.run(source, {globals: {read: read as () => Promise<HostAnswer>}})).toEqual([rows]);
  });

  test('makes each value when a goroutine wants it, none ahead', async () => {
    const {seen, count} = counter();
    const source = `local numbers = count()
      local first, second = numbers:receive(), numbers:receive()
      goroutine.sleep(50)
      return first, second`;
    expect(await runtime.run(source, {globals: {count}})).toEqual([1, 2]);
    expect(seen.made).toBe(2);
  });

  test('is asked by try_receive, too, and may be selected from', async () => {
    const {count} = counter(2);
    const source = `local numbers = count()
      local value, ok, why
      repeat value, ok, why = numbers:try_receive() goroutine.sleep(1) until ok
      local got = channel.select({{"|<-", numbers, function(v) return v end}})
      return value, got[1], (numbers:receive())`;
    expect(await runtime.run(source, {globals: {count}})).toEqual([1, 2, undefined]);
  });

  test('feeds many goroutines, each value going to one', async () => {
    const {count} = counter(200);
    const source = `local numbers, results, wg = count(), channel.make(500), goroutine.wait_group()
      for _ = 1, 8 do wg:go(function() for n in numbers:range() do results:send(n) end end) end
      wg:wait() results:close()
      local sum, many = 0, 0
      for n in results:range() do sum = sum + n many = many + 1 end
      return sum, many`;
    expect(await runtime.run(source, {globals: {count}})).toEqual([20100, 200]);
  });

  test('loses no value to a receiver that gave up', async () => {
    const slow = async function* () {
      for (let n = 1; n <= 3; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield n;
      }
    };
    const source = `local numbers, all, gave_up = slow(), {}, 0
      while #all < 3 do
        local n, ok = numbers:receive(0.002)
        if ok then all[#all + 1] = n else gave_up = gave_up + 1 end
      end
      return all, gave_up > 0`;
    expect(await runtime.run(source, {globals: {slow: slow as () => HostAnswer}})).toEqual([[1, 2, 3], true]);
  });

  test('that fails closes its channel and tells why to whoever asks', async () => {
    const noDisk = Object.assign(new Error('no disk'), {code: 'E_DISK'});
    const read = async function* () {
      yield 'first';
      throw noDisk;
    };
    const source = `local lines, problem = read() local seen = {}
      for line in lines:range() do seen[#seen + 1] = line end
      local e = problem()
      return seen, tostring(e), e.code, e`;
    expect(await runtime.run(source, {globals: {read: read as () => HostAnswer}})).toEqual([
      ['first'],
      'no disk',
      'E_DISK',
      noDisk,
    ]);
  });

  test('that fails while nobody asks is reported', async () => {
    const errors: UnhandledError[] = [];
    const own = new Runtime({workers: 1, onUnhandledError: (error) => errors.push(error)});
    const read = async function* read() {
      yield 1;
      throw new Error('no disk');
    };
    await own.run('for line in read():range() do end', {globals: {read: read as () => HostAnswer}});
    await expect
      .poll(async () => {
        await own.run('collectgarbage()');
        return errors.map(({message}) => message);
      })
      .toEqual(["a stream of host function 'read' failed: no disk"]);
    await own.close();
  });

  test('may not give nil or what cannot cross', async () => {
    const give = (value: unknown) =>
      async function* () {
        yield value;
      } as () => HostAnswer;
    const source = 'local c, problem = give() local v, ok = c:receive() return ok, tostring(problem())';
    expect(await runtime.run(source, {globals: {give: give(undefined)}})).toEqual([
      false,
      'value: nil would end a range over the channel',
    ]);
    expect(await runtime.run(source, {globals: {give: give(Symbol('s'))}})).toEqual([
      false,
      'value[0]: a symbol cannot cross into Lua',
    ]);
  });

  test('can only be received from', async () => {
    const {count} = counter();
    const source = 'local c = count() return pcall(c.send, c, 1)';
    const [ok, why] = await runtime.run<[boolean, string]>(source, {globals: {count}});
    expect(ok).toBe(false);
    expect(why).toMatch(/receive-only/);
  });
});

describe("the iterator's return is called", () => {
  test('when the channel is abandoned, while its run goes on', async () => {
    const {seen, count} = counter();
    const source = `do local numbers = count() numbers:receive() end
      for _ = 1, 1000 do collectgarbage() if ended() then return "ended" end goroutine.sleep(1) end`;
    expect(await runtime.run(source, {globals: {count, ended: () => seen.ended}})).toEqual(['ended']);
    expect(seen.made).toBe(1);
  });

  test('when the run ends', async () => {
    const {seen, count} = counter();
    await runtime.run('kept = count() kept:receive()', {globals: {count}});
    await expect.poll(() => seen.ended).toBe(true);
  });

  test('when the run is cancelled as it waits for a value', async () => {
    let returned = false;
    const never = () =>
      ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<never>(() => {}),
          return: async () => {
            returned = true;
            return {done: true, value: undefined};
          },
        }),
      }) as unknown as HostAnswer;
    await expect(runtime.run('local c = never() c:receive()', {globals: {never}, timeoutMs: 50})).rejects.toMatchObject(
      {code: 'E_TIMEOUT'},
    );
    await expect.poll(() => returned, {timeout: 10_000}).toBe(true);
  });

  test('when the runtime is closed', async () => {
    const {seen, count} = counter();
    const own = new Runtime({workers: 1});
    const run = own.start('local c = count() c:receive() ready() goroutine.sleep(60000)', {
      globals: {count, ready: () => own.close()},
    });
    await run.report;
    await own.close();
    await expect.poll(() => seen.ended).toBe(true);
  });
});

test('streams leave nothing behind, and can be collected', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const made: WeakRef<object>[] = [];
  const open = () => {
    const {count} = counter();
    const iterable = count() as AsyncIterable<number>;
    made.push(new WeakRef(iterable));
    return iterable;
  };
  const own = new Runtime({workers: 1});
  await own.run('for _ = 1, 500 do open():receive() end', {globals: {open: open as () => HostAnswer}});
  await expect
    .poll(
      async () => {
        await own.run('return 1');
        collectGarbage();
        return made.filter((reference) => reference.deref()).length;
      },
      {timeout: 30_000},
    )
    .toBeLessThan(50);
  await own.close();
  expect(own.stats()).toMatchObject({goroutines: 0, islands: 0});
});

test('on a virtual clock time stands still while a value is made', async () => {
  const own = new Runtime({clock: 'virtual'});
  const slow = async function* () {
    await new Promise((resolve) => setTimeout(resolve, 30));
    yield 1;
  };
  const source = 'local c = slow() local v, ok, why = c:receive(5) return v, ok, why';
  expect(await own.run(source, {globals: {slow: slow as () => HostAnswer}})).toEqual([1, true, undefined]);
  await own.close();
});
