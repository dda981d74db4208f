import {describe, expect, test} from 'vitest';
import {serve, textOf} from '../modules/http/loopback.js';
import {linesOf, matches, runBlock} from './run-script.js';

/** The documents' blocks that use modules, with the modules themselves: what they ask for answers on the loopback interface. */

/** A language model that echoes the prompt, the later in the list the sooner. */
const echoingModel = (latencies: Readonly<Record<string, number>>) =>
  serve(async (request, response) => {
    const {messages} = JSON.parse(await textOf(request)) as {messages: {content: string}[]};
    const prompt = messages.at(-1)?.content ?? '';
    const [, latency = 0] = Object.entries(latencies).find(([word]) => prompt.includes(word)) ?? [];
    setTimeout(() => response.end(JSON.stringify({choices: [{message: {content: `<${prompt}>`}}]})), latency);
  });

describe('004-10, async bridge calls, with the module llm', () => {
  test('each answer is printed with its prompt, in the order they come', async () => {
    const SLOTH_LLM_URL = await echoingModel({France: 1700, quantum: 900, haiku: 100});
    const {code, stdout} = await runBlock('004-10', {env: {SLOTH_LLM_URL}});
    expect(code).toBe(0);
    expect(matches(linesOf(stdout), /^Response (\d):$/)).toEqual(['3', '2', '1']);
    const prompts = matches(linesOf(stdout), /^Prompt: (.*)$/);
    expect(matches(linesOf(stdout), /^Answer: <(.*)>$/)).toEqual(prompts);
  });

  test('without an endpoint the error says what to set', async () => {
    const {code, stderr} = await runBlock('004-10', {env: {SLOTH_LLM_URL: ''}});
    expect(code).toBe(5);
    expect(stderr).toContain('no language model is configured: set SLOTH_LLM_URL');
  });
});

describe('004-11, parallel tool execution, with the module tools', () => {
  test('what fails is told apart from what succeeds', async () => {
    const SLOTH_TOOLS_URL = await serve(async (request, response) => {
      const {query, expression} = JSON.parse(await textOf(request)) as Record<string, string>;
      if (request.url === '/tools/weather') response.writeHead(404).end();
      else response.end(`about ${query ?? expression}`);
    });
    const {code, stdout} = await runBlock('004-11', {env: {SLOTH_TOOLS_URL}});
    expect(code).toBe(0);
    const blocks = stdout.trimEnd().split('\n\n').sort();
    expect(blocks).toEqual([
      'Tool: calculator\nSuccess: true\nResult: about 2 + 2',
      expect.stringMatching(/^Tool: weather\nSuccess: false\nResult: .*no such tool: weather$/),
      'Tool: web_search\nSuccess: true\nResult: about Lua programming',
    ]);
  });
});

describe('000-07, a health check, with the module http', () => {
  const checkWith = async (second: number) => {
    const url = await serve((request, response) => {
      setTimeout(() => response.writeHead(request.url?.includes('api2') ? second : 200).end(), 100);
    });
    const replace = Object.fromEntries([1, 2, 3].map((i) => [`https://api${i}.com/health`, `${url}/api${i}`]));
    return runBlock('000-07', {as: 'sloth', replace});
  };

  test('one that is ill fails the task', async () => {
    const {code, stderr} = await checkWith(503);
    expect(code).toBe(4);
    expect(stderr).toContain('❌ Serviço 2 não está saudável');
    expect(stderr).not.toContain('Serviço 1');
  });

  test('all well is a success', async () => {
    const {code, stderr} = await checkWith(200);
    expect(code).toBe(0);
    expect(stderr).not.toContain('❌');
  });
});
