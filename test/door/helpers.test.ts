import {describe, expect, test} from 'vitest';
import {didYouMean} from '../../lib/util/did-you-mean.js';
import {formatDuration} from '../../lib/util/format-duration.js';
import {parseDuration} from '../../lib/util/parse-duration.js';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2', 2000],
    [0.25, 250],
  ])('%s is read', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([['5x'], [''], ['s'], ['-1s'], ['1s '.repeat(2)], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], [true]])(
    '%s is none',
    (value) => {
      expect(parseDuration(value)).toBeUndefined();
    },
  );

  test.each([
    [7, '7ms'],
    [999.7, '1.0s'],
    [2049, '2.0s'],
    [65_000, '1m05s'],
    [7_380_000, '2h03m'],
  ])('of %d ms is written %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('did you mean', () => {
  test.each([
    ['bulid', ['build', 'test'], 'build'],
    ['Build', ['build'], 'build'],
    ['depend_on', ['description', 'depends_on'], 'depends_on'],
    ['xyz', ['build', 'test'], undefined],
    ['a', ['b'], undefined],
  ])('%s among %o is %s', (word, candidates, expected) => {
    expect(didYouMean(word, candidates)).toBe(expected);
  });
});
