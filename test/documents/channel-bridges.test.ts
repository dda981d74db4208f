import {describe, expect, test} from 'vitest';
import {Runtime, results, type Sendable} from '../../lib/index.js';
import {blockText, linesOf, matches, numbered, runBlock} from './run-script.js';

/** The channel document, blocks 10 to 12: modules of a host, and errors in goroutines. */

const prompts = ['What is the capital of France?', 'Explain quantum computing', 'Write a haiku about coding'];

const response = (id: number) => `Response ${id}:\nPrompt: ${prompts[id - 1]}\nAnswer: <${prompts[id - 1]}>\n\n`;

/** A module as a script would bring it: `module(name, body)` with the functions of the body. */
const module = (name: string, body: string) => `package.preload.${name} = function() return {${body}} end`;

describe.concurrent('004-10, async bridge calls', () => {
  test('answers come in the order they are done, each with its prompt', async () => {
    const latency = 'r.prompt:find("haiku") and 100 or r.prompt:find("quantum") and 900 or 1700';
    const generate = `generate = function(r) goroutine.sleep(${latency}) return "<" .. r.prompt .. ">" end`;
    const {code, stdout, ms} = await runBlock('004-10', {before: module('llm', generate)});
    expect(stdout).toBe(`${response(3)}${response(2)}${response(1)}`);
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(1700);
    expect(ms).toBeLessThan(17_000);
  });

  test('a failed call is in the report of the deadlock it causes', async () => {
    const generate =
      'generate = function(r) if r.prompt:find("haiku") then error("no more tokens") end return "<" .. r.prompt .. ">" end';
    const {code, stdout, stderr} = await runBlock('004-10', {before: module('llm', generate)});
    expect(matches(linesOf(stdout), /^Response (\d):$/).sort()).toEqual(['1', '2']);
    expect(stderr).toContain('main goroutine 1 is blocked in channel receive at 004-10.lua:29');
    expect(stderr).toMatch(/errors before the deadlock:\n.*004-10\.lua:1: no more tokens/);
    expect(code).toBe(5);
  });

  test('a host answers three calls at a time, in the order it likes', async () => {
    const answers = new Map<string, () => void>();
    const order = [3, 1, 2];
    let printed = '';
    // The next answer is given once the one before has been printed.
    const answerNext = () => {
      const next = order[printed.split('Response').length - 1];
      if (next !== undefined && answers.size === order.length) answers.get(prompts[next - 1] ?? '')?.();
    };
    const runtime = new Runtime({
      stdout(text) {
        printed += text;
        answerNext();
      },
    });
    const generate = ({prompt}: Record<string, Sendable>) =>
      new Promise<string>((resolve) => {
        answers.set(String(prompt), () => resolve(`<${prompt}>`));
        answerNext();
      });
    await runtime.run(await blockText('004-10'), {
      globals: {generate},
      preludes: [{chunkName: '=llm', source: 'package.loaded.llm = {generate = generate}'}],
    });
    expect(printed).toBe(order.map(response).join(''));
    await runtime.close();
  });
});

describe.concurrent('004-11, parallel tool execution', () => {
  const tools = module(
    'tools',
    `execute = function(name, params)
       goroutine.sleep(100)
       if name == "weather" then error("no such tool: " .. name) end
       return name .. " of " .. (params.query or params.expression)
     end`.replaceAll('\n', ' '),
  );

  test('collects what succeeded and what failed', async () => {
    const {code, stdout, stderr, ms} = await runBlock('004-11', {before: tools});
    expect(stdout.trimEnd().split('\n\n').sort()).toEqual([
      'Tool: calculator\nSuccess: true\nResult: calculator of 2 + 2',
      'Tool: weather\nSuccess: false\nResult: 004-11.lua:1: no such tool: weather',
      'Tool: web_search\nSuccess: true\nResult: web_search of Lua programming',
    ]);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(ms).toBeLessThan(10_000);
  });

  test('a function of the host may fail inside pcall', async () => {
    let printed = '';
    const runtime = new Runtime({
      stdout(text) {
        printed += text;
      },
    });
    await runtime.run(await blockText('004-11'), {
      globals: {
        async execute(name) {
          await new Promise(setImmediate);
          if (name === 'weather') throw new Error('no such tool: weather');
          return results(`${name} done`, 'ignored');
        },
      },
      preludes: [{chunkName: '=tools', source: 'package.loaded.tools = {execute = execute}'}],
    });
    const groups = printed.trimEnd().split('\n\n').sort();
    expect(groups[0]).toBe('Tool: calculator\nSuccess: true\nResult: calculator done');
    expect(groups[1]).toMatch(/^Tool: weather\nSuccess: false\nResult: .*no such tool: weather$/);
    expect(groups[2]).toBe('Tool: web_search\nSuccess: true\nResult: web_search done');
    await runtime.close();
  });
});

describe.concurrent('004-12, goroutine error collection', () => {
  const failure = (id: number) => `Error from worker\t${id}\t:\t004-12.lua:9: Worker ${id} failed!`;

  test('every worker either completes or is collected', async () => {
    const {code, stdout, stderr, ms} = await runBlock('004-12');
    const lines = linesOf(stdout);
    const completed = matches(lines, /^Worker\t(\d)\tcompleted successfully$/);
    const failed = matches(lines, /^Error from worker\t(\d)\t/);
    for (const id of failed) expect(lines).toContain(failure(Number(id)));
    expect([...completed, ...failed].sort()).toEqual(numbered(5, String));
    expect(lines.at(-1)).toBe(`Total errors:\t${failed.length}`);
    expect(lines.length).toBe(6);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(20_000);
  });

  test('nobody fails when the numbers are small', async () => {
    const {code, stdout} = await runBlock('004-12', {before: 'math.random = function() return 0 end'});
    const lines = linesOf(stdout);
    expect(matches(lines, /^Worker\t(\d)\tcompleted successfully$/).sort()).toEqual(numbered(5, String));
    expect(lines.at(-1)).toBe('Total errors:\t0');
    expect(code).toBe(0);
  });

  test('everybody fails when they are large', async () => {
    const {code, stdout} = await runBlock('004-12', {before: 'math.random = function() return 0.9 end'});
    const lines = linesOf(stdout);
    expect([...lines].sort()).toEqual([...numbered(5, failure), 'Total errors:\t5'].sort());
    expect(lines.at(-1)).toBe('Total errors:\t5');
    expect(code).toBe(0);
  });

  test('the workers draw different numbers', async () => {
    const before =
      'local draw = math.random math.random = function() local n = draw() print("drew", n) return 0 * n end';
    const {stdout} = await runBlock('004-12', {before});
    const drawn = matches(linesOf(stdout), /^drew\t(.*)$/);
    expect(drawn.length).toBe(10);
    expect(new Set(drawn).size).toBe(10);
  });
});
