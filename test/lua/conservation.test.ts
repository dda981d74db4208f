import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {valuesOf} from './script.js';

const runs = {numRuns: 12};

/** A way from one channel to one channel, as Lua. */
const way = fc.oneof(
  fc
    .record({workers: fc.integer({min: 1, max: 4}), buffer: fc.integer({min: 0, max: 3}), slow: fc.boolean()})
    .map(
      ({workers, buffer, slow}) =>
        `goroutine.pipeline(%, {{fn = function(v) ${slow ? 'goroutine.yield()' : ''} return v end, workers = ${workers}}}, {buffer = ${buffer}})`,
    ),
  fc
    .record({n: fc.integer({min: 1, max: 4}), buffer: fc.integer({min: 0, max: 3})})
    .map(({n, buffer}) => `goroutine.merge(goroutine.fan_out(%, ${n}, {buffer = ${buffer}}), {buffer = ${buffer}})`),
  fc.constant('goroutine.broadcast(%, 1)[1]'),
);

/** Ways behind each other, from the channel `input`. */
const ways = fc
  .array(way, {minLength: 1, maxLength: 4})
  .map((parts) => parts.reduce((input, part) => part.replace('%', `(${input})`), 'input'));

const count = fc.integer({min: 0, max: 120});

describe('channels behind channels, whichever they are', () => {
  it('lose and double nothing, and close', async () => {
    await fc.assert(
      fc.asyncProperty(ways, count, async (expression, n) => {
        const source = `local input = channel.make(2)
          go(function() for i = 1, ${n} do input:send(i) end input:close() end)
          local seen, count = {}, 0
          for v in (${expression}):range() do assert(not seen[v] and v >= 1 and v <= ${n}) seen[v] = true count = count + 1 end
          return count`;
        expect(await valuesOf(source)).toEqual([n]);
      }),
      runs,
    );
  });

  it('double nothing and close when their owner is cancelled in the middle', async () => {
    await fc.assert(
      fc.asyncProperty(ways, count, fc.integer({min: 0, max: 30}), async (expression, n, taken) => {
        const source = `local input, owned = channel.make(${n + 1}), channel.make(1)
          for i = 1, ${n} do input:send(i) end
          input:close()
          local owner = goroutine.async(function() owned:send((${expression})) goroutine.sleep(60000) end)
          local seen, count, out = {}, 0, owned:receive()
          local function note(v) assert(not seen[v] and v >= 1 and v <= ${n}) seen[v] = true count = count + 1 end
          for _ = 1, ${taken} do local v, ok = out:receive() if not ok then break end note(v) end
          owner:cancel()
          for v in out:range() do note(v) end
          for v in input:range() do note(v) end
          return count <= ${n} and count >= math.min(${n}, ${taken})`;
        expect(await valuesOf(source)).toEqual([true]);
      }),
      runs,
    );
  });
});
