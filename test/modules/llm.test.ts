import {describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {serve, textOf} from './http/loopback.js';
import {errorWithModules, hundredTimes, valuesWithModules} from './module-script.js';

/** An endpoint that answers with what it was asked. */
const model = () =>
  serve(async (request, response) => {
    const asked = JSON.parse(await textOf(request));
    const {authorization = 'none'} = request.headers;
    const content = `${request.url} ${authorization} ${JSON.stringify(asked)}`;
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({choices: [{message: {content}}]}));
  });

describe('llm.generate', () => {
  it('asks the endpoint of the environment, with model and key', async () => {
    const url = await model();
    const env = {SLOTH_LLM_URL: `${url}/v1/`, SLOTH_LLM_MODEL: 'tiny', SLOTH_LLM_KEY: 'k'};
    expect(await valuesWithModules('return llm.generate{prompt = "hi", max_tokens = 5}', {env})).toEqual([
      '/v1/chat/completions Bearer k {"max_tokens":5,"messages":[{"content":"hi","role":"user"}],"model":"tiny"}',
    ]);
  });

  it('takes everything as options, too', async () => {
    const url = await model();
    const source = `return llm.generate{
      url = "${url}", model = "m", system = "be brief", temperature = 0.5, stop = {"x"},
      messages = {{role = "user", content = "hi"}},
    }`;
    expect(await valuesWithModules(source)).toEqual([
      '/chat/completions none {"messages":[{"content":"be brief","role":"system"},{"content":"hi","role":"user"}],"model":"m","stop":["x"],"temperature":0.5}',
    ]);
  });

  it('says what is missing where nothing is configured', async () => {
    expect(await errorWithModules('llm.generate{prompt = "hi"}', {env: {}})).toContain(
      'llm.generate: no language model is configured: set SLOTH_LLM_URL',
    );
  });

  it('raises what the endpoint says of an error', async () => {
    const url = await serve((_, response) => response.writeHead(401).end('{"error": {"message": "no such key"}}'));
    expect(await errorWithModules(`llm.generate{prompt = "hi", url = "${url}"}`)).toContain(
      'llm.generate: status 401: no such key',
    );
  });

  it('raises when nobody answers', async () => {
    const message = await errorWithModules('llm.generate{prompt = "hi", url = "http://127.0.0.1:1"}');
    expect(message).toContain('ECONNREFUSED');
  });

  it('raises when the answer has no text', async () => {
    const url = await serve((_, response) => response.end('{"choices": []}'));
    expect(await errorWithModules(`llm.generate{prompt = "hi", url = "${url}"}`)).toContain(
      'answered without choices[0].message.content',
    );
  });

  it('may be asked by a hundred goroutines at once, and inside pcall', async () => {
    const url = await model();
    const body = `local ok, text = pcall(llm.generate, {prompt = "n" .. i, url = "${url}"}) return text:match('"(n%d+)"')`;
    const [answers] = await valuesWithModules(hundredTimes(body));
    expect(answers).toEqual(Array.from({length: 100}, (_, i) => `n${i + 1}`));
  });

  it('needs permission for the host', async () => {
    const message = await errorWithModules('llm.generate{prompt = "hi", url = "http://127.0.0.1:9"}', {
      permissions: new Permissions(),
    });
    expect(message).toContain('it needs --allow-net or --allow-net=127.0.0.1');
  });

  it.each([
    ['llm.generate()', "bad argument #1 to 'llm.generate'"],
    ['llm.generate{}', 'llm.generate: one of prompt and messages is needed'],
    ['llm.generate{promt = "x"}', "llm.generate: there is no option 'promt' (did you mean 'prompt'?)"],
    ['llm.generate{prompt = "x", max_tokens = "many"}', "llm.generate: max_tokens must be a number, got 'many'"],
    ['llm.generate{messages = {1}}', 'llm.generate: messages must be a list of {role =, content =}'],
  ])('complains about misuse: %s', async (source, message) => {
    expect(await errorWithModules(source, {env: {SLOTH_LLM_URL: 'http://127.0.0.1:1'}})).toContain(message);
  });
});
