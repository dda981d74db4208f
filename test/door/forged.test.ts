import {afterAll, describe, expect, test} from 'vitest';
import {Channel, type LuaFunction, LuaHandle, Runtime, SlothError, WaitGroup} from '../../lib/index.js';
import {nativeBinding} from '../../lib/native/binding.js';

const runtime = new Runtime({workers: 1});
afterAll(() => runtime.close());

/** What a call ends in: an error that says something, never a crash. */
async function failureOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

async function stillWorks(): Promise<void> {
  const channel = runtime.channel<number>(1);
  await channel.send(7);
  expect(await channel.receive()).toBe(7);
  expect(await runtime.run('return 1 + 1')).toEqual([2]);
}

describe('Lua code that forges calls', () => {
  test.each([
    ['by the finalizer of a handle, twice', 'getmetatable(ch).__gc(ch)'],
    ['by the metatable of a handle', 'getmetatable(ch).__index.send(ch, 1)'],
    ['by setting the metatable of a handle', 'setmetatable(ch, {})'],
    ['with a method on another kind', 'ch.send(goroutine.mutex(), 1)'],
    ['with a method on a file', 'ch.send(io.stdout, 1)'],
    ['with a method on nothing', 'ch.send()'],
    [
      'with the methods of a mutex under the metatable of a channel',
      'debug.setmetatable(goroutine.mutex(), debug.getmetatable(ch)):send(1)',
    ],
    [
      'with a file under the metatable of a channel',
      'debug.setmetatable(io.tmpfile(), debug.getmetatable(ch)):receive(0)',
    ],
    ['with a host function as a handle', 'debug.setmetatable(io.tmpfile(), debug.getmetatable(err)).message.x = 1'],
  ])('%s, raises and changes nothing', async (_, source) => {
    const forged = `
      local ch = channel.make(1)
      local err = select(2, pcall(fail))
      local first, second = pcall(function() ${source} end), pcall(function() ${source} end)
      ch:send("still here")
      return first, second, ch:receive()`;
    const fail = () => {
      throw new Error('of the host');
    };
    expect(await runtime.run(forged, {globals: {fail}})).toEqual([false, false, 'still here', true]);
    await stillWorks();
  });
});

describe('JavaScript that forges receivers', () => {
  const foreign: readonly (readonly [what: string, make: () => unknown])[] = [
    ['a plain object', () => ({})],
    ['a made-up channel', () => Object.create(Channel.prototype)],
    ['a proxy of a channel', () => new Proxy(runtime.channel(1), {})],
    ['a wait group', () => runtime.waitGroup()],
    ['nothing', () => undefined],
  ];

  test.each(foreign)('with the methods of a channel on %s', async (_, make) => {
    for (const name of ['send', 'receive', 'next', 'trySend', 'tryReceive', 'close', 'release'] as const) {
      if (name === 'release' && make() instanceof WaitGroup) continue;
      const method = Channel.prototype[name] as (...args: unknown[]) => unknown;
      expect((await failureOf(() => method.call(make(), 1))).message).not.toBe('');
    }
    await stillWorks();
  });

  test('with handles that are none, as values', async () => {
    for (const make of [() => Object.create(LuaHandle.prototype), () => new Proxy(runtime.channel(1), {})]) {
      expect(await failureOf(() => runtime.run('return ...', {args: [make()]}))).toBeInstanceOf(TypeError);
    }
    await stillWorks();
  });

  test('with a made-up function, run and runtime', async () => {
    const [fn] = (await runtime.run('return print')) as [LuaFunction];
    const {call, start} = Object.getPrototypeOf(fn) as LuaFunction;
    await failureOf(() => call.call({} as LuaFunction, 1));
    await failureOf(() => start.call(Object.create(Object.getPrototypeOf(fn) as object) as LuaFunction));
    await failureOf(() => Runtime.prototype.run.call({} as Runtime, 'return 1'));
    await failureOf(() => Runtime.prototype.close.call(Object.create(Runtime.prototype) as Runtime));
    const run = runtime.start('return 1');
    await failureOf(() => Object.getPrototypeOf(run).cancel.call({}));
    await run.result;
    await stillWorks();
  });

  test("with the addon's own functions", async () => {
    const binding = nativeBinding() as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of ['channelState', 'closeChannel', 'addToWaitGroup', 'createRuntime']) {
      for (const args of [[], [undefined], [{}], [{kind: 'channel', view: 'full'}], [Object.create(null), 1], [1, 2]]) {
        expect(await failureOf(() => binding[name]?.(...args))).toBeInstanceOf(TypeError);
      }
    }
    await stillWorks();
  });
});

describe('objects whose getters throw', () => {
  const thrower = (name: string, error: unknown = new Error('from the getter')) =>
    Object.defineProperty({}, name, {
      enumerable: true,
      get() {
        throw error;
      },
    });

  test('as options, throw what the getter threw, and start nothing', async () => {
    const before = runtime.stats().spawned;
    for (const name of ['args', 'globals', 'signal', 'timeoutMs', 'chunkName', 'preludes', 'failFast', 'strings']) {
      expect((await failureOf(() => runtime.run('return 1', thrower(name)))).message).toBe('from the getter');
    }
    for (const name of ['workers', 'seed', 'stdout', 'memoryLimitBytes', 'sandbox', 'clock', 'onUnhandledError']) {
      expect((await failureOf(() => new Runtime(thrower(name)))).message).toBe('from the getter');
    }
    expect(runtime.stats().spawned).toBe(before);
    await stillWorks();
  });

  test('as values, name their path; what they threw is the cause', async () => {
    const error = await failureOf(() => runtime.run('return 1', {args: [{deep: [thrower('x', null)]}]}));
    expect(error).toBeInstanceOf(SlothError);
    expect(error).toMatchObject({code: 'E_VALUE', path: 'args[0].deep[0].x', cause: null});
    await stillWorks();
  });

  test('as answers of a host function, raise in Lua', async () => {
    const answers: (() => unknown)[] = [
      () => thrower('x'),
      () => thrower('then'),
      () => new Proxy({}, {has: () => Reflect.ownKeys(1 as never).length > 0}),
      () => thrower(Symbol.asyncIterator as unknown as string),
      () => ({[Symbol.asyncIterator]: () => null}),
    ];
    for (const answer of answers) {
      const source =
        'local ok, c, problem = pcall(host) if ok and type(c) == "userdata" then ok = c:receive() end return ok';
      const [ok] = await runtime.run(source, {globals: {host: answer as () => never}});
      expect(ok ?? false).not.toBe(true);
    }
    await stillWorks();
  });

  test('as an answer that iterates without an iterator, say what is wrong', async () => {
    const told = async (answer: unknown): Promise<unknown> => {
      const source = 'local ok, problem = pcall(host) return ok or tostring(problem)';
      const [text] = await runtime.run(source, {globals: {host: (() => answer) as () => never}});
      return text;
    };
    const wanted = '[Symbol.asyncIterator]() of its answer must give an iterator, an object with next(); it gave';
    expect(await told({[Symbol.asyncIterator]: () => null})).toContain(`${wanted} null`);
    expect(await told({[Symbol.asyncIterator]: () => 5})).toContain(`${wanted} a number`);
    expect(await told({[Symbol.asyncIterator]: () => ({next: 1})})).toContain(
      `${wanted} an object whose next is a number`,
    );
    await stillWorks();
  });

  test('as an iterator whose steps are none, and that does not end, end the stream with the reason', async () => {
    const iterable = {[Symbol.asyncIterator]: () => ({next: async () => null, return: 5})};
    const source = 'local values, problem = host() local value, ok = values:receive() return ok, tostring(problem())';
    const [ok, problem] = await runtime.run(source, {globals: {host: (() => iterable) as unknown as () => never}});
    expect(ok).toBe(false);
    expect(problem).toContain('next() of its async iterator gave null, not {done, value}');
    await stillWorks();
  });

  test('as an iterator whose return is no function, are left alone', async () => {
    const iterable = {[Symbol.asyncIterator]: () => ({next: async () => ({done: false, value: 1}), return: 5})};
    expect(
      await runtime.run('local values = host() return (values:receive())', {
        globals: {host: (() => iterable) as unknown as () => never},
      }),
    ).toEqual([1]);
    await stillWorks();
  });

  test('as a promise that lies, settle once', async () => {
    const twice = () => ({
      // biome-ignore lint/suspicious/noThenProperty: it is the point of this test.
      then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
        resolve(1);
        resolve(2);
        reject(new Error('three'));
        throw new Error('four');
      },
    });
    expect(await runtime.run('return host(), host()', {globals: {host: twice as unknown as () => never}})).toEqual([
      1, 1,
    ]);
    await stillWorks();
  });
});
