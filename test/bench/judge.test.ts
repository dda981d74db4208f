import {expect, test} from 'vitest';
import {judge} from '../../bench/support/judge.mjs';
import {atLeast, atMost, atMostTimes} from '../../bench/support/targets.mjs';

const figureWith = (promise: object) => ({title: 'a switch', unit: 'us', peer: 'Go', promise});

test('the median of the repetitions counts, and each is kept', () => {
  const line = judge('yield', 'each', figureWith(atMost('P1', 3, 'us', 1)), [{each: 9}, {each: 2}, {each: 2.5}]);
  expect(line).toMatchObject({ours: 2.5, all: [9, 2, 2.5], promise: {id: 'P1', kept: true, stretch: {reached: false}}});
});

test('a target that is missed is said to be missed', () => {
  expect(judge('yield', 'each', figureWith(atMost('P1', 3, 'us', 1)), [{each: 3.5}]).promise.kept).toBe(false);
  expect(judge('yield', 'each', figureWith(atLeast('P8', 1.9, 'x', 1.98)), [{each: 1.8}]).promise.kept).toBe(false);
});

test('a target in times of a peer looks at that peer, whatever others were measured', () => {
  const runs = [{each: {ours: 6, peer: {Lua: 100, Go: 2}}}];
  const line = judge('ping-pong', 'each', figureWith(atMostTimes('P3', 'Go', 2, 1.2)), runs);
  expect(line.peers).toMatchObject([
    {name: 'Lua', ratio: 0.06},
    {name: 'Go', ratio: 3},
  ]);
  expect(line.promise.kept).toBe(false);
});

test('a peer that could not be measured misses no target', () => {
  const runs = [{each: {ours: 6, peer: {}}}];
  expect(judge('ping-pong', 'each', figureWith(atMostTimes('P3', 'Go', 2, 1.2)), runs).promise.kept).toBe(true);
});

test('the median of a curve is taken at each of its points', () => {
  const curve = {title: 'spawn', unit: 'us', curve: {x: 'goroutines'}};
  const runs = [{spawn: [[1, 5]]}, {spawn: [[1, 7]]}, {spawn: [[1, 6]]}];
  expect(judge('scaling', 'spawn', curve, runs).curve).toEqual({x: 'goroutines', points: [[1, 6]]});
});
