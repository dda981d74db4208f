import {describe, expect, it} from 'vitest';
import {parseArguments, parseResults, SignatureError} from '../../lib/util/parse-signature.js';

const integer = {kind: 'name', name: 'integer'};
const slot = (name: string, type: object, optional = false) => ({name, optional, type});

describe('the grammar of arguments', () => {
  it.each([
    ['nothing', '', [[]]],
    ['names and types', 'n: integer, m?: integer', [[slot('n', integer), slot('m', integer, true)]]],
    ['the rest', '...: integer', [[slot('...', integer)]]],
    ['lists', 'n: integer[]', [[slot('n', {kind: 'list', of: integer})]]],
    ['words', "n: 'a' | 'b'", [[slot('n', {kind: 'union', of: ['a', 'b'].map((word) => ({kind: 'word', word}))})]]],
    ['tables', 'n: {m?: integer}', [[slot('n', {kind: 'record', fields: [slot('m', integer, true)]})]]],
    ['several forms', 'n: integer || m: integer', [[slot('n', integer)], [slot('m', integer)]]],
  ])('has %s', (_, column, expected) => {
    expect(parseArguments(column)).toEqual(expected);
  });

  it.each(['n', 'n:', 'n: ', ': integer', 'n: integer,', 'n: {m}', "n: 'a", 'n: integer m: integer', 'n = 1', '(n: x'])(
    'has no "%s"',
    (column) => {
      expect(() => parseArguments(column)).toThrow(SignatureError);
    },
  );
});

describe('the grammar of results', () => {
  it.each([
    ['types', 'integer, integer', [[slot('', integer), slot('', integer)]]],
    ['lists one of which comes back', 'integer | n: integer', [[slot('', integer)], [slot('n', integer)]]],
    ['unions in parentheses', '(integer | integer)', [[slot('', {kind: 'union', of: [integer, integer]})]]],
  ])('has %s', (_, column, expected) => {
    expect(parseResults(column)).toEqual(expected);
  });

  it('complains with the column and the place', () => {
    expect(() => parseResults('integer, | nil')).toThrow('"integer, | nil": a type was expected before "|"');
  });
});
