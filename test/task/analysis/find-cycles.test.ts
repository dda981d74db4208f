import {describe, expect, test} from 'vitest';
import {findCycles} from '../../../lib/task/analysis/find-cycles.js';

function cyclesOf(graph: Record<string, readonly string[]>): string[][] {
  return findCycles(Object.keys(graph), (node) => graph[node] ?? []);
}

describe('cycles', () => {
  test.each([
    ['none in a diamond', {a: ['b', 'c'], b: ['d'], c: ['d'], d: []}, []],
    ['a node that needs itself', {a: ['a']}, [['a']]],
    ['one, without the way to it', {a: ['b'], b: ['c'], c: ['b']}, [['b', 'c']]],
    [
      'two apart',
      {a: ['b'], b: ['a'], c: ['d'], d: ['c']},
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
  ])('are found: %s', (_, graph, cycles) => {
    expect(cyclesOf(graph as Record<string, string[]>)).toEqual(cycles);
  });

  test('are looked for in long chains without running out of stack', () => {
    const length = 100_000;
    expect(findCycles([0], (node) => (node < length ? [node + 1] : []))).toEqual([]);
  });
});
