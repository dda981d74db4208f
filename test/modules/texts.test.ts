import {describe, expect, it} from 'vitest';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

describe('template.render', () => {
  it('fills in values, lists and conditions', async () => {
    const source = `return template.render([[{{ a.b }} {{#each list}}{{ @index }}:{{ name }}{{#if last}}.{{else}},{{/if}}{{/each}}{{#each none}}x{{else}}none{{/each}}{{ n }}]],
      {a = {b = "v"}, n = 5, none = {}, list = {{name = "x"}, {name = "y", last = true}}})`;
    expect(await valuesWithModules(source)).toEqual(['v 1:x,2:y.none5']);
  });

  it('makes values safe where they stand', async () => {
    const source = `return template.render("{{ v | html }} {{ v | sh }} {{ v | raw }}", {v = "<a href='x'>"})`;
    expect(await valuesWithModules(source)).toEqual([`&lt;a href=&#39;x&#39;&gt; '<a href='\\''x'\\''>' <a href='x'>`]);
  });

  it.each([
    ['template.render("a\\n{{ x }}", {})', "line 2: 'x' has no value"],
    ['template.render("{{ constructor }}", {})', "line 1: 'constructor' has no value"],
    ['template.render("{{ x | up }}", {x = 1})', "line 1: there is no filter 'up'; known: raw, html, sh"],
    ['template.render("{{#if x}}", {})', 'line 1: {{#if x}} does not end'],
    ['template.render("{{/each}}", {})', 'line 1: {{/each}} ends no block that is open'],
    ['template.render("{{ x }}", {x = {1}})', "line 1: 'x' is a table, not a text"],
    ['template.load("/no/such/file")', '/no/such/file: no such file or directory'],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(`script:1: ${message}`);
  });

  it('serves a hundred goroutines at once, and pcall', async () => {
    const body = 'return select(2, pcall(template.render, "{{ n }}", {n = i}))';
    expect(await valuesWithModules(hundredTimes(body))).toEqual([Array.from({length: 100}, (_, i) => String(i + 1))]);
  });
});

describe('validate', () => {
  it('answers', async () => {
    const source = `
      return validate.required({a = false}, {"a"}), select(2, validate.required({}, {"x"})), validate.type({1}, "list"), select(2, validate.type({a = 1}, "list")),
        validate.type(1, "integer"), select(2, validate.type("1", "number")), validate.range(5, 1, 5), select(2, validate.range(0/0, 1)), select(2, validate.range("5", 1)),
        validate.schema({a = 1}, {type = "object", properties = {a = {type = "number"}}}), select(2, validate.schema({a = "x"}, {type = "object", properties = {a = {type = "number"}}}))`;
    const found = await valuesWithModules(source);
    expect(found.slice(0, 10)).toEqual(
      [
        true,
        'x is missing',
        true,
        'list expected, got table',
        true,
        'number expected, got string',
        true,
        'a number of at least 1 expected, got nan',
        'number expected, got string',
        true,
      ].map((v, i) => (i === 7 ? expect.stringMatching(/at least 1 expected, got -?nan/) : v)),
    );
    expect(found[10]).toContain('a: ');
  });

  it('complains about what is no type and no schema', async () => {
    expect(await errorWithModules('validate.type(1, "int")')).toBe(
      "script:1: bad argument #2 to 'validate.type' (the name of a type expected, got 'int')",
    );
    expect(await errorWithModules('validate.schema(1, {type = "odd"})')).toContain('script:1: schema: ');
  });
});

describe('utils', () => {
  it('tells the environment and the configuration', async () => {
    const options = {env: {A: '1'}, config: () => ({resource_limits: {max_memory: '1Gi'}})};
    const source =
      'return utils.env("A"), utils.env("B", 2), utils.config("resource_limits.max_memory"), utils.config("resource_limits.none", "d"), utils.config("constructor.name", 0)';
    expect(await valuesWithModules(source, options)).toEqual(['1', 2, '1Gi', 'd', 0]);
  });
});
