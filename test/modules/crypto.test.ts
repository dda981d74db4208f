import {describe, expect, it} from 'vitest';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

describe('crypto', () => {
  it('digests as its standards say', async () => {
    const source = `return crypto.md5("abc"), crypto.sha1("abc"), crypto.sha256(""), crypto.hash("SHA512", "abc"):sub(1, 16),
      crypto.hmac("md5", "key", "The quick brown fox jumps over the lazy dog"), crypto.sha384(""):sub(1, 8), crypto.sha512(""):sub(1, 8)`;
    expect(await valuesWithModules(source)).toEqual([
      '900150983cd24fb0d6963f7d28e17f72',
      'a9993e364706816aba3e25717850c26c9cd0d89d',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'ddaf35a193617aba',
      '80070713463e7749b90c2dc24911e275',
      '38b060a7',
      'cf83e135',
    ]);
  });

  it('reads and writes Base64 and hex, bytes and all', async () => {
    const source = `
      local bytes = "" for i = 0, 255 do bytes = bytes .. string.char(i) end
      return crypto.base64_decode(crypto.base64_encode(bytes)) == bytes, crypto.hex_decode(crypto.hex_encode(bytes)) == bytes,
        crypto.base64_encode("hi?>", {url = true}), crypto.base64_decode("aGk_Pg"), crypto.base64_decode("aGk=\\n"), crypto.base64_encode(""), crypto.base64_decode("")`;
    expect(await valuesWithModules(source)).toEqual([true, true, 'aGk_Pg', 'hi?>', 'hi', '', '']);
  });

  it('makes random values of the right shape, never the same', async () => {
    const source = `
      local seen, same = {}, 0
      for i = 1, 50 do
        for _, value in ipairs{crypto.uuid(), crypto.random_bytes(16), crypto.random_string(20), crypto.generate_password()} do
          if seen[value] then same = same + 1 end
          seen[value] = true
        end
      end
      local n = crypto.random_int(-2, 2)
      return same, crypto.uuid():match("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$") ~= nil, #crypto.random_bytes(0), n >= -2 and n <= 2,
        crypto.random_string(5, "é"  .. "é"), #crypto.generate_password(12), crypto.generate_password(64, {symbols = false}):match("^%w+$") ~= nil,
        crypto.generate_password(8):match("%d") ~= nil`;
    expect(await valuesWithModules(source)).toEqual([0, true, 0, true, 'ééééé', 12, true, true]);
  });

  it('encrypts so that only the key opens it', async () => {
    const source = `
      local key = crypto.derive_key("a password", "a salt")
      local sealed = crypto.aes_encrypt("a secret \\xff", key, {aad = "for you"})
      local other = crypto.derive_key("another", "a salt")
      local raw = crypto.base64_decode(sealed)
      local changed = crypto.base64_encode(raw:sub(1, 12) .. string.char(raw:byte(13) ~ 1) .. raw:sub(14))
      return crypto.aes_decrypt(sealed, key, {aad = "for you"}) == "a secret \\xff", (pcall(crypto.aes_decrypt, sealed, other, {aad = "for you"})),
        (pcall(crypto.aes_decrypt, sealed, key)), (pcall(crypto.aes_decrypt, changed, key, {aad = "for you"})),
        crypto.aes_encrypt("x", key) ~= crypto.aes_encrypt("x", key), key == crypto.derive_key("a password", "a salt"), #crypto.derive_key("p", "s", 16),
        crypto.equal("a", "a"), crypto.equal("a", "ab")`;
    expect(await valuesWithModules(source)).toEqual([true, false, false, false, true, true, 16, true, false]);
  });

  it.each([
    ['crypto.hash("sha257", "")', "there is no algorithm 'sha257'; did you mean 'sha256'?"],
    ['crypto.base64_decode("a*b=")', 'no Base64: "*" at 2'],
    ['crypto.base64_decode("abcde")', 'no Base64: it does not end as Base64 does'],
    ['crypto.hex_decode("abc")', 'no hex: its length, 3, is odd'],
    ['crypto.hex_decode("ag")', 'no hex: "g" at 2'],
    ['crypto.random_bytes(-1)', '0 to 1,048,576 bytes expected, got -1'],
    ['crypto.random_int(2, 1)', '2 is more than 1'],
    ['crypto.random_int(0, math.maxinteger)', 'the integers must be less than 2^48 apart'],
    ['crypto.random_string(2, "a")', 'alphabet: at least 2 characters expected'],
    ['crypto.generate_password(4)', '8 to 1,024 characters expected, got 4'],
    ['crypto.derive_key("p", "s", 8)', '16 to 64 bytes expected, got 8'],
    [
      'crypto.aes_encrypt("x", "short")',
      'key: 16, 24 or 32 bytes expected, got 5; crypto.derive_key makes one of a password',
    ],
    ['crypto.aes_decrypt("AAAA", ("k"):rep(32))', 'too short for what aes_encrypt gives'],
    ['crypto.aes_encrypt("x", ("k"):rep(32), {add = "x"})', "there is no option 'add'; did you mean 'aad'?"],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(`script:1: ${message}`);
  });

  it('serves a hundred goroutines at once, and pcall', async () => {
    const body = 'return select(2, pcall(crypto.hex_encode, string.char(i)))';
    const wanted = Array.from({length: 100}, (_, i) => (i + 1).toString(16).padStart(2, '0'));
    expect(await valuesWithModules(hundredTimes(body))).toEqual([wanted]);
  });
});

describe('regex', () => {
  it.each([
    [
      'regex.test("Order 66", "^order \\\\d+$", "i"), regex.test("a\\nb", "^b$"), regex.test("a\\nb", "^b$", "m")',
      [true, false, true],
    ],
    ['regex.test("a\\nb", "a.b"), regex.test("a\\nb", "a.b", "s")', [false, true]],
    ['regex.match("none", "\\\\d")', [undefined]],
    [
      'regex.match("déjà v1.20", "(?<major>\\\\d+)\\\\.(\\\\d+)(x)?")',
      [{text: '1.20', first: 9, last: 12, groups: ['1', '20', false], named: {major: '1'}}],
    ],
    ['#regex.find_all("aaa", "a"), regex.find_all("é1 é22", "\\\\d+")[2].first, #regex.find_all("ab", "")', [3, 7, 3]],
    ['regex.replace("2026-12-01", "(\\\\d+)-(\\\\d+)-(\\\\d+)", "$3.$2.$1")', ['01.12.2026', 1]],
    ['regex.replace("a b", "(?<x>\\\\w)", "<$<x>$0$$>"), (regex.replace("abc", "", "-"))', ['<aa$> <bb$>', '-a-b-c-']],
    [
      'regex.split("a, b;c", "[,;]\\\\s*"), regex.split("abc", ""), regex.split("", ",")',
      [['a', 'b', 'c'], ['a', 'b', 'c'], ['']],
    ],
    ['regex.test("a.b*", "^" .. regex.escape("a.b*") .. "$"), regex.test("axb", regex.escape("a.b"))', [true, false]],
  ])('%s', async (source, values) => {
    const found = await valuesWithModules(`return ${source}`);
    expect(found.slice(0, values.length)).toEqual(values);
  });

  it('is not slowed down by patterns that others despair of', async () => {
    const source = 'return regex.test(("a"):rep(20000) .. "!", "^(a+)+$"), regex.test(("a"):rep(3000), "(a|a?)+$")';
    expect(await valuesWithModules(source)).toEqual([false, true]);
  });

  it.each([
    ['regex.test("", "(a")', 'no pattern: '],
    ['regex.test("", "a", "g")', "there is no flag 'g'; known: i, m, s"],
    ['regex.test("", "(?=a)")', 'no pattern: '],
    ['regex.test("\\xff", "a")', "text: UTF-8 expected; Lua's patterns match other bytes"],
    ['regex.replace("a", "(a)", "$2")', 'replacement: the pattern has no group $2'],
    ['regex.replace("a", "(a)", "$<x>")', 'replacement: the pattern has no group $<x>'],
    ['regex.test("a", "a{2000}")', 'no pattern: '],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(`script:1: ${message}`);
  });

  it('serves a hundred goroutines at once, and pcall', async () => {
    const body = 'return select(2, pcall(regex.match, "n" .. i, "\\\\d+")).text';
    const wanted = Array.from({length: 100}, (_, i) => String(i + 1));
    expect(await valuesWithModules(hundredTimes(body))).toEqual([wanted]);
  });
});
