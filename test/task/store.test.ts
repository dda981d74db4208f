import {expect, test} from 'vitest';
import {type ExecutionStore, noStore} from '../../lib/task/index.js';
import {runText, story} from './task-file.js';

const file = `
task("a"):command(function() print("a ran") return {n = 1} end):compensate(function() print("undo a") end)
task("b"):depends_on("a"):command(function(this, params, deps) print(deps.a.n, this.attempt, this.interrupted, this.checkpoint.data) return false end)`;

test('what a store remembers does not run again, and is undone all the same', async () => {
  const attempts: string[] = [];
  const store: ExecutionStore = {
    ...noStore,
    recall({runId, workflow, task}) {
      if (task === 'a') {
        const outcome = {kind: 'succeeded', value: {n: 7}} as const;
        return {result: {task, outcome, attempts: 1, durationMs: 1, uncaught: 0}};
      }
      const checkpoint = {runId, workflow, task, attempt: 2, id: 'x', name: 'half', data: 'kept', at: 0, stepsEnded: 0};
      return {interruptedAttempt: 2, checkpoint};
    },
    attemptStarting({task, attempt}) {
      attempts.push(`${task} ${attempt}`);
    },
  };
  const {output, events} = await runText(file, {store});
  expect(output).toBe('7\t2\ttrue\tkept\nundo a\n');
  expect(attempts).toEqual(['b 2']);
  expect(story(events, /^(started|succeeded|compensation done)/)).toEqual([
    'succeeded a',
    'started b 2',
    'compensation done a/a',
  ]);
});

test('a store that fails ends the run', async () => {
  const store: ExecutionStore = {...noStore, attemptStarting: () => Promise.reject(new Error('disk full'))};
  await expect(runText('task("a"):command("true")', {store})).rejects.toThrow('disk full');
});

test('a kept result stands for the task, with what it wrote', async () => {
  const kept = {value: {n: 5}, message: 'kept', log: [{stream: 'stdout', bytes: Buffer.from('written\n')} as const]};
  const store: ExecutionStore = {...noStore, lookupCached: () => kept};
  const {output, events} = await runText(
    'task("a"):inputs("*.x"):command("echo ran") task("b"):depends_on("a"):command(function(params, deps) print(deps.a.n) end)',
    {store},
  );
  expect(output).toBe('written\n5\n');
  expect(story(events, /^cached/)).toEqual(['cached a']);
});
