import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {afterAll, describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

const folder = mkdtempSync(join(tmpdir(), 'data-'));
afterAll(() => rmSync(folder, {recursive: true}));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('data formats', () => {
  it('JSON is read and written', async () => {
    const source = `
      local v = data.parse_json('{"a": [1, 2.5, null, "ü"], "b": {}, "__proto__": 1}')
      return v.a[1], math.type(v.a[2]), v.a[4], v["__proto__"], data.to_json({1, {x = "y"}}), (data.json_validate("[1,]")), data.json_pretty({1})`;
    expect(await valuesWithModules(source)).toEqual([1, 'float', 'ü', 1, '[1,{"x":"y"}]', false, '[\n  1\n]']);
  });

  it('YAML, TOML, XML and CSV are read and written', async () => {
    const source = `
      local yaml = data.parse_yaml("a: &x [1, two]\\nb: *x\\n")
      local toml = data.toml_decode('n = 1\\n[t]\\nd = 2020-01-02T03:04:05Z\\n')
      local xml = data.xml_decode('<r id="7"><i>1</i><i>2</i>text &amp; more</r>')
      local rows = data.csv_parse("a,b\\n1,\\"x,y\\"\\n")
      return yaml.b[2], toml.n, toml.t.d, xml.r["@id"], xml.r.i[2], xml.r["#text"], rows[1].b, data.csv_parse("1;2", {delimiter = ";", header = false})[1][2],
        data.yaml_encode({a = {1}}), data.toml_encode({a = "b"}), data.xml_encode({r = {["@id"] = "1", i = {"a", "<b>"}}}), data.csv_generate({{a = 1, b = true}}), data.yaml_to_json("a: 1"), data.json_to_yaml("[1]"), data.xml_to_json("<a>1</a>")`;
    expect(await valuesWithModules(source)).toEqual([
      'two',
      1,
      '2020-01-02T03:04:05.000Z',
      '7',
      '2',
      'text & more',
      'x,y',
      '2',
      'a:\n  - 1\n',
      'a = "b"\n',
      '<r id="1"><i>a</i><i>&lt;b&gt;</i></r>',
      'a,b\n1,true\n',
      '{"a":1}',
      '- 1\n',
      '{"a":"1"}',
    ]);
  });

  it.each([
    ['a syntax error in JSON', 'data.json_decode("{\\n  x}")', 'no JSON: line 2, column 3'],
    ['deep JSON', 'data.json_decode(("["):rep(100000))', 'nested more than 200 deep'],
    ['a syntax error in YAML', 'data.yaml_decode("a: [1")', 'no YAML: line 1'],
    [
      'a bomb of YAML aliases',
      'local t = "a: &a [x,x,x,x,x,x,x,x,x]\\n" for i = 0, 8 do t = t .. ("%s: &%s [%s]\\n"):format(("bcdefghij"):sub(i+1,i+1), ("bcdefghij"):sub(i+1,i+1), ("*" .. ("abcdefghi"):sub(i+1,i+1) .. ","):rep(8) .. "*" .. ("abcdefghi"):sub(i+1,i+1)) end data.yaml_decode(t)',
      'alias',
    ],
    ['deep YAML', 'data.yaml_decode(("["):rep(300) .. ("]"):rep(300))', 'nested more than 200 deep'],
    ['entities of XML', 'data.xml_decode(\'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>\')', 'a document type is not read'],
    ['a syntax error in XML', 'data.xml_decode("<a><b></a>")', 'no XML: line 1'],
    ['a syntax error in TOML', 'data.toml_decode("a = ")', 'no TOML'],
    ['a row of CSV that is too short', 'data.csv_parse("a,b\\n1\\n")', 'no CSV'],
    ['a function in JSON', 'data.json_encode({a = print})', 'JSON: value.a is a'],
    ['infinity in JSON', 'data.json_encode({1/0})', 'JSON: value[1] is Infinity'],
    ['bytes in JSON', 'data.json_encode("\\255")', 'JSON: value is a string that is not UTF-8'],
    ['bytes for JSON', 'data.json_decode("\\255")', 'text: UTF-8 expected, got other bytes'],
    ['a name that is none in XML', 'data.xml_encode({["a><b"] = "x"})', '"a><b" is no name of an element'],
    ['a table in CSV', 'data.csv_generate({{a = {1}}})', 'CSV: row 1 has a value that is a table'],
  ])('%s is refused', async (_, source, message) => {
    const problem = await errorWithModules(source);
    expect(problem).toContain(message);
    expect(problem).toMatch(/^script:1: /);
  });

  it('serve a hundred goroutines at once', async () => {
    expect(await valuesWithModules(hundredTimes('return data.json_decode(data.json_encode({n = i})).n'))).toEqual([
      Array.from({length: 100}, (_, i) => i + 1),
    ]);
  });
});

describe('tables of data', () => {
  it('are merged, flattened and reached by paths', async () => {
    const source = `
      local a = {x = {1, 2}, y = {z = 1}}
      local m = data.deep_merge(a, {x = {9}, y = {w = 2}})
      local t = {a = {{b = {c = 5}}}}
      return m.x, m.y, a.y.w, data.flatten({a = {b = {1}}, c = 2}), data.unflatten({["a.b.1"] = 1, c = 2}), data.get_path(t, "a[1].b.c"), data.get_path(t, "a.1.b.c"), data.get_path(t, "a[2].b", "none"), data.set_path(t, "a[2].b", 7).a[2].b, pcall(data.set_path, {a = 1}, "a.b", 2)`;
    expect(await valuesWithModules(source)).toEqual([
      [9],
      {z: 1, w: 2},
      undefined,
      {'a.b.1': 1, c: 2},
      {a: {b: [1]}, c: 2},
      5,
      5,
      'none',
      7,
      false,
      "script:5: bad argument #2 to 'data.set_path' (a table expected at 'a', got number)",
    ]);
  });
});

describe('data.batches', () => {
  const collect = (path: string, options = '') =>
    valuesWithModules(
      `
    local all = {}
    for batch in data.batches(..., 2${options}) do all[#all + 1] = {batch.id, batch.first, batch.last, batch.items} end
    return all`,
      {args: [path]},
    );

  it.each([
    [
      'a.csv',
      'n,t\n1,"a\nb"\n2,c\n3,d\n',
      [
        {n: '1', t: 'a\nb'},
        {n: '2', t: 'c'},
        {n: '3', t: 'd'},
      ],
    ],
    [
      'a.tsv',
      'n\tt\n1\ta\n2\tc\n3\td\n',
      [
        {n: '1', t: 'a'},
        {n: '2', t: 'c'},
        {n: '3', t: 'd'},
      ],
    ],
    ['a.jsonl', '{"n":1}\n\n{"n":2}\n{"n":3}\n', [{n: 1}, {n: 2}, {n: 3}]],
    ['a.json', ' [ {"n":1,"s":"],"}, [2], 3 ] ', [{n: 1, s: '],'}, [2], 3]],
    ['a.txt', 'one\ntwo\nthree', ['one', 'two', 'three']],
  ])('streams %s', async (name, text, items) => {
    expect(await collect(file(name, text))).toEqual([
      [
        [1, 1, 2, items.slice(0, 2)],
        [2, 3, 3, items.slice(2)],
      ],
    ]);
  });

  it('raises at the call or at the record', async () => {
    const bad = file('bad.jsonl', '{"n":1}\n{"n":2}\n{oops}\n');
    expect(await errorWithModules('for _ in data.batches(..., 1) do end', {args: [bad]})).toContain(
      'record 3: no JSON',
    );
    expect(await errorWithModules('data.batches("/no/such.csv", 1)')).toBe(
      'script:1: /no/such.csv: no such file or directory',
    );
    expect(await errorWithModules('data.batches(..., 0)', {args: [bad]})).toContain('integer of at least 1 expected');
    expect(await errorWithModules('data.batches(..., 1, {format = "xls"})', {args: [bad]})).toContain(
      "one of csv, tsv, jsonl, json, lines expected, got 'xls'",
    );
    expect(await errorWithModules('data.batches(..., 1)', {args: [bad], permissions: new Permissions()})).toContain(
      '--allow-read',
    );
  });

  it('reads a file that is much larger than what it keeps', async () => {
    const line = `${'x'.repeat(99)}\n`;
    const path = file('large.txt', line.repeat(400_000));
    const source = `
      local before, n = perf.memory().current_mb, 0
      for batch in data.batches(..., 1000) do n = n + #batch.items end
      return n, perf.memory().current_mb - before < 200`;
    expect(await valuesWithModules(source, {args: [path], timeoutMs: 50_000})).toEqual([400_000, true]);
  });
});

describe('data.transform', () => {
  it('writes batches', async () => {
    const source =
      'return data.transform({items = {{a = 1}}}, {format = "json", validation = true}), data.transform({{a = 1}}, {format = "csv"}), data.transform({{a = 1}}, {format = "jsonl"}), data.transform({{a = 1}}, {compression = true})';
    const [json, csv, jsonl, zipped] = await valuesWithModules(source);
    expect([json, csv, jsonl]).toEqual(['[{"a":1}]', 'a\n1\n', '{"a":1}\n']);
    expect(gunzipSync(zipped as Uint8Array).toString()).toBe('[{"a":1}]');
  });

  it('names the record that does not fit', async () => {
    expect(await errorWithModules('data.transform({{a = 1}, 5}, {validation = true})')).toContain(
      'record 2: a table with names expected, got number',
    );
    const schema =
      '{type = "object", properties = {a = {type = "number"}}, required = setmetatable({"a"}, {__js = "Array"})}';
    expect(await errorWithModules(`data.transform({{a = 1}, {a = "x"}}, {validation = ${schema}})`)).toContain(
      'record 2: a: ',
    );
    expect(await errorWithModules('data.transform({1}, {compression = "zip"})')).toContain(
      "true, 'gzip' or 'zstd' expected, got 'zip'",
    );
  });
});
