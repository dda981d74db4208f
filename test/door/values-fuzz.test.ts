import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {Runtime, type Sendable} from '../../lib/index.js';
import {anything, wide} from '../support/arbitrary-values.js';

const runtime = new Runtime({workers: 2});
afterAll(() => runtime.close());

const runs = {numRuns: 300};

test('random structures of JavaScript come back from Lua as they were', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      expect(await runtime.run('return ...', {args: [value as Sendable]})).toStrictEqual([value]);
    }),
    runs,
  );
});

test('random structures cross channels and islands as they were', async () => {
  const source = `
local value = ...
local ch = channel.make(1)
ch:send(value)
return select(2, goroutine.await(goroutine.parallel(function(v) return v end, (ch:receive()))))`;
  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      expect(await runtime.run(source, {args: [value as Sendable]})).toStrictEqual([value]);
    }),
    {numRuns: 100},
  );
});

type Graph = Map<string, unknown> | unknown[] | Record<string, unknown>;

/** Nodes of three kinds, with edges between any of them. */
const graph = fc
  .array(fc.tuple(fc.integer({min: 0, max: 2}), fc.array(fc.nat(30), {minLength: 1, maxLength: 5})), {
    minLength: 1,
    maxLength: 30,
  })
  .map((plan) => {
    const nodes: Graph[] = plan.map(([kind]) => (kind === 0 ? [] : kind === 1 ? {} : new Map()));
    plan.forEach(([, edges], index) => {
      const node = nodes[index];
      edges.forEach((edge, place) => {
        const other = nodes[edge % nodes.length];
        if (Array.isArray(node)) node.push(other);
        else if (node instanceof Map) node.set(`edge ${place}`, other);
        else if (node) node[`edge ${place}`] = other;
      });
    });
    return nodes[0] as Graph;
  });

/** Whether two graphs are the same, with the same nodes being one. */
function isSameGraph(a: unknown, b: unknown): boolean {
  const counterparts = new Map<unknown, unknown>();
  const pending: [unknown, unknown][] = [[a, b]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [left, right] = pair as [Graph, Graph];
    if (counterparts.has(left)) {
      if (counterparts.get(left) !== right) return false;
      continue;
    }
    counterparts.set(left, right);
    const entries = (node: Graph) => new Map<unknown, unknown>(node instanceof Map ? node : Object.entries(node));
    if (left.constructor !== right.constructor || entries(left).size !== entries(right).size) return false;
    for (const [name, child] of entries(left)) pending.push([child, entries(right).get(name)]);
  }
  return new Set(counterparts.values()).size === counterparts.size;
}

test('random graphs keep their shape, cycles and all', async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (node) => {
      const [back] = await runtime.run('return ...', {args: [node as Sendable]});
      expect(isSameGraph(node, back)).toBe(true);
    }),
    runs,
  );
});

describe('random tables of Lua', () => {
  const literal = fc.oneof(
    fc
      .uint8Array({maxLength: 12})
      .map((array) => `"${[...array].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`),
    fc.maxSafeInteger().map(String),
    wide.map((value) => `(${value})`),
    fc
      .double({noNaN: true, noInteger: true})
      .map((value) => (Number.isFinite(value) ? `(${value})` : `(${value < 0 ? '-' : ''}1/0)`)),
    fc.boolean().map(String),
  );
  const {table} = fc.letrec<{table: string; value: string}>((tie) => ({
    value: fc.oneof({depthSize: 'small', withCrossShrink: true}, literal, literal, tie('table')),
    table: fc
      .tuple(fc.array(fc.oneof(tie('value'), fc.constant('nil'))), fc.array(fc.tuple(literal, tie('value'))))
      .map(([list, fields]) => `{${[...list, ...fields.map(([name, value]) => `[${name}] = ${value}`)].join(', ')}}`),
  }));

  test('come back from JavaScript as they were', async () => {
    const echo = (value: Sendable) => value;
    const check = await runtime.load(
      `
local function same(a, b)
    if math.type(a) ~= math.type(b) or type(a) ~= type(b) then return false end
    if type(a) ~= "table" then return a == b end
    for k, v in pairs(a) do if not same(v, b[k]) then return false end end
    for k in pairs(b) do if a[k] == nil then return false end end
    return true
end
local source = ...
local t = assert(load("return " .. source))()
return same(t, echo(t))`,
      {globals: {echo}},
    );
    await fc.assert(
      fc.asyncProperty(table, async (source) => {
        expect(await check.call(source)).toEqual([true]);
      }),
      runs,
    );
  });
});
