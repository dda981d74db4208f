/** A context before the function is no part of what decides where a goroutine runs. */
import {expect, test} from 'vitest';
import {runLua} from './run-lua.js';

async function placement(source: string): Promise<string> {
  const program = `local ctx, cancel = goroutine.context():with_cancel()\n${source}`;
  const {kind, err} = await runLua(program, {explain: true});
  expect(kind).toBe('succeeded');
  return err;
}

test.each([
  ['a context, and what ends it, are captured', 'go.spawn(ctx, function() cancel(ctx:cause()) end)'],
  ['a table is made for it', 'for i = 1, 3 do go.spawn(ctx, function(j) j.done = j.n end, {n = i}) end'],
  [
    'a table is made in each round',
    'for i = 1, 3 do local job = {n = i} go.spawn(ctx, function(k, j) j.done = k end, i, job) end',
  ],
])('a goroutine with a context is parallel when %s', async (_when, source) => {
  expect(await placement(source)).toBe('explain: test:2: parallel\n');
});

test.each([
  [
    'a table that its parent keeps',
    'local job = {} go.spawn(ctx, function(j) j.done = not j.done end, job) print(job.done)',
    "'j'",
  ],
  [
    'a table behind one made for it',
    'local job = {} go.spawn(ctx, function(n, j) n.x = 1 j.done = not j.done end, {}, job) print(job.done)',
    "'j'",
  ],
  ['a local that is assigned', 'local n = 0 go.spawn(ctx, function() n = n + 1 end)', "'n'"],
])('a goroutine with a context stays home for %s', async (_what, source, name) => {
  const told = await placement(source);
  expect(told).toMatch(/^explain: test:2: shared: /);
  expect(told).toContain(name);
});
