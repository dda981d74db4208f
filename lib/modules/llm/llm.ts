import type {ModuleDeclaration} from '../declaration.js';

const options =
  'Options: prompt or messages ({role =, content =}), system, model, max_tokens, temperature, top_p, stop, seed, timeout (2 minutes by default), retries, url and key. SLOTH_LLM_URL, SLOTH_LLM_MODEL and SLOTH_LLM_KEY stand in for url, model and key';
const errors =
  'raises when nothing is configured, for a wrong option, when the endpoint cannot be reached or answers with an error, and for a host that may not be talked to';
const server = `local server = http.serve{handler = function(request)
    return {json = {choices = {{message = {role = "assistant", content = "42"}}}}}
end}
`;

/** Language models behind an endpoint of OpenAI's form. */
export const llm: ModuleDeclaration = {
  name: 'llm',
  functions: [
    {
      name: 'generate',
      arguments: 'options: {prompt?: string, messages?: table[], model?: string, max_tokens?: integer}',
      results: 'text: string',
      summary: `Asks a language model and gives its answer. ${options}.`,
      units: 's',
      errors,
      since: '1.0',
      permission: 'allow-net',
      example: `${server}print(llm.generate{prompt = "What is 6 times 7?", max_tokens = 10, url = server.url}) --> 42
server:close()`,
    },
    {
      name: 'stream',
      arguments: 'options: {prompt?: string, messages?: table[], model?: string, max_tokens?: integer}',
      results: 'pieces: channel, problem: function',
      summary: `Asks a language model and gives a channel of the pieces of its answer as they come; once it is closed, problem() gives the error that broke it off, or nil. ${options}.`,
      units: 's',
      errors,
      since: '1.0',
      permission: 'allow-net',
      example: `local events = 'data: {"choices":[{"delta":{"content":"4"}}]}\\n\\n' ..
    'data: {"choices":[{"delta":{"content":"2"}}]}\\n\\ndata: [DONE]\\n\\n'
local server = http.serve{handler = function() return events end}
for piece in llm.stream{prompt = "What is 6 times 7?", url = server.url}:range() do print(piece) end
server:close()`,
    },
  ],
  load: () => import('./functions.js'),
};
