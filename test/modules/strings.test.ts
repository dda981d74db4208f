import {describe, expect, it} from 'vitest';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

describe('strings', () => {
  it.each([
    ['strings.trim("\\t a b \\n")', ['a b']],
    ['strings.trim(string.rep(" ", 100000) .. "x")', ['x']],
    ['strings.trim_left("  a "), strings.trim_right("  a ")', ['a ', '  a']],
    ['strings.split("a,b,,c", ",")', [['a', 'b', '', 'c']]],
    ['strings.split("", ","), strings.split("a", "ab"), strings.split("a.b.c", ".", 2)', [[''], ['a'], ['a', 'b.c']]],
    ['strings.join({"a", 1, 2.5, false}, "-"), strings.join({}, ",")', ['a-1-2.5-false', '']],
    ['strings.contains("a%b", "%"), strings.contains("ab", "b."), strings.contains("a", "")', [true, false, true]],
    [
      'strings.starts_with("ab", "a"), strings.starts_with("a", "ab"), strings.ends_with("ab", "b")',
      [true, false, true],
    ],
    ['strings.ends_with("a", "ab"), strings.ends_with("a", "")', [false, true]],
    ['strings.replace("a.b.c", ".", "%1"), (strings.replace("aaa", "a", "b", 2))', ['a%1b%1c', 'bba']],
    ['strings.replace("abc", "x", "y")', ['abc', 0]],
    ['strings.count("aaaa", "aa"), strings.count("", "a")', [2, 0]],
    ['strings.lines("a\\r\\nb\\n\\nc"), strings.lines("")', [['a', 'b', '', 'c'], {}]],
    ['strings.length("déjà"), strings.length("\\xff\\xfe")', [4, 2]],
    [
      'strings.pad_left("7", 3, "0"), strings.pad_right("é", 3, "·"), strings.pad_left("long", 2)',
      ['007', 'é··', 'long'],
    ],
    ['strings.center("ab", 5), strings.center("abc", 2)', [' ab  ', 'abc']],
    ['strings.truncate("déjà vu", 5), strings.truncate("ab", 2), strings.truncate("abc", 1)', ['dé...', 'ab', 'a']],
    [
      'strings.truncate("abcdef", 4, "…"), strings.truncate("\\xff\\xfe\\xfd", 2, "")',
      ['abc…', new Uint8Array([255, 254])],
    ],
    ['strings.capitalize("ab"), strings.capitalize(""), strings.title("don\'t stop")', ['Ab', '', "Don't Stop"]],
    [
      'strings.snake_case("fooBar-baz HTTPServer"), strings.kebab_case("FooBar")',
      ['foo_bar_baz_http_server', 'foo-bar'],
    ],
    ['strings.camel_case("foo_bar baz"), strings.camel_case("")', ['fooBarBaz', '']],
    ['strings.is_blank(" \\t"), strings.is_blank(""), strings.is_blank("a")', [true, true, false]],
    ['("a.b*c"):find(strings.escape_pattern(".b*")) ', [2, 4]],
    ['strings.indent("a\\n\\nb"), strings.indent("a", 1), strings.indent("a", "> ")', ['  a\n\n  b', ' a', '> a']],
    ['strings.dedent("  a\\n    b\\n\\n  c"), strings.dedent("a\\n b")', ['a\n  b\n\nc', 'a\n b']],
  ])('%s', async (source, values) => {
    const found = await valuesWithModules(`return ${source}`);
    expect(found.slice(0, values.length)).toEqual(values);
  });

  it.each([
    ['strings.split("a", "")', "bad argument #2 to 'strings.split' (a separator that is not empty expected)"],
    ['strings.split("a", ",", 0)', "bad argument #3 to 'strings.split' (an integer of at least 1 expected)"],
    ['strings.join({1, {}})', "bad argument #1 to 'strings.join' (a list of texts expected, got a table at 2)"],
    ['strings.replace("a", "", "b")', "bad argument #2 to 'strings.replace' (a text that is not empty expected)"],
    ['strings.pad_left("a", 2, "ab")', "bad argument #3 to 'strings.pad_left' (one character expected)"],
    ['strings.pad_right("a", 1 << 40)', "bad argument #2 to 'strings.pad_right' (a width of at most 1048576 expected)"],
    ['strings.truncate("a", -1)', "bad argument #2 to 'strings.truncate' (an integer of at least 0 expected)"],
    ['strings.trim(nil)', "bad argument #1 to 'strings.trim' (string expected, got nil)"],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toBe(`script:1: ${message}`);
  });

  it('serves a hundred goroutines at once, and pcall', async () => {
    const body = 'return select(2, pcall(strings.pad_left, tostring(i), 4, "0"))';
    const wanted = Array.from({length: 100}, (_, i) => String(i + 1).padStart(4, '0'));
    expect(await valuesWithModules(hundredTimes(body))).toEqual([wanted]);
  });
});

describe('math', () => {
  it.each([
    ['math.round(2.5), math.round(-2.5), math.round(2.4), math.round(7)', [3, -3, 2, 7]],
    ['math.round(3.14159, 2), math.round(1234, -2), math.round(1e308, 5)', [3.14, 1200, 1e308]],
    ['math.clamp(11, 1, 10), math.clamp(0, 1, 10), math.clamp(5, 1, 10)', [10, 1, 5]],
    ['math.sign(-2), math.sign(0), math.sign(0.1), math.pow(2, 3), math.log10(100)', [-1, 0, 1, 8, 2]],
    ['math.lerp(10, 20, 0.25), math.gcd(-12, 18), math.gcd(0, 5)', [12.5, 6, 5]],
    [
      'math.is_nan(0/0), math.is_nan(1), math.is_finite(1), math.is_finite(-1/0), math.is_finite(0/0)',
      [true, false, true, false, false],
    ],
    ['math.sum({}), math.sum({1, 2}), math.mean({1, 2, 6})', [0, 3, 3]],
    ['math.median({5, 1, 2}), math.median({4, 1, 2, 3}), math.mode({3, 1, 3, 1})', [2, 2.5, 1]],
    ['math.variance({2, 4, 4, 4, 5, 5, 7, 9}), math.std_dev({1, 3}, true)', [4, Math.SQRT2]],
    [
      'math.percentile({30, 10, 20}, 0), math.percentile({10, 20, 30}, 1), math.percentile({10, 20}, 0.5)',
      [10, 30, 15],
    ],
    ['math.floor(2.5), math.pi, math.random(1, 1)', [2, Math.PI, 1]],
  ])('%s', async (source, values) => {
    expect(await valuesWithModules(`return ${source}`)).toEqual(values);
  });

  it('draws random numbers in range, the same for the same seed', async () => {
    const source = `
      math.randomseed(5) local a, x = math.random_int(1, 6), math.random_float(2, 3)
      math.randomseed(5) local b, y = math.random_int(1, 6), math.random_float(2, 3)
      return a == b and x == y, a >= 1 and a <= 6, x >= 2 and x < 3`;
    expect(await valuesWithModules(source)).toEqual([true, true, true]);
  });

  it('leaves what Lua has as it is, on every island', async () => {
    const source = `return goroutine.parallel(function() return math.floor(2.7), math.type(1), math.round(2.7), math.tointeger(3.0) end):await()`;
    expect((await valuesWithModules(source)).slice(-4)).toEqual([2, 'integer', 3, 3]);
  });

  it.each([
    ['math.round(1/0)', "bad argument #1 to 'math.round' (a number that rounds to an integer expected)"],
    ['math.clamp(1, 3, 2)', "bad argument #3 to 'math.clamp' (a number of at least the second expected)"],
    ['math.mean({})', "bad argument #1 to 'math.mean' (a list of at least 1 expected, got one of 0)"],
    ['math.std_dev({1}, true)', "bad argument #1 to 'math.std_dev' (a list of at least 2 expected, got one of 1)"],
    ['math.sum({1, "2"})', "bad argument #1 to 'math.sum' (a list of numbers expected, got a string at 2)"],
    ['math.percentile({1}, 2)', "bad argument #2 to 'math.percentile' (a number from 0 to 1 expected)"],
    ['math.random_int(2, 1)', "bad argument #2 to 'math.random_int' (an integer of at least the first expected)"],
    ['math.random_float(0, 1/0)', "bad argument #1 to 'math.random_float' (finite numbers expected)"],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toBe(`script:1: ${message}`);
  });
});
