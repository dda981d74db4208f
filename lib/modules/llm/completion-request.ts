import type {Sendable} from '../../sendable.js';
import {didYouMean} from '../../util/did-you-mean.js';
import {kindOf, type Options, planRequest, type RequestPlan} from '../http/request-plan.js';
import type {ModuleServices} from '../services.js';

// What is handed on as it is, by the name it has in the request.
const handedOn = {
  max_tokens: 'number',
  temperature: 'number',
  top_p: 'number',
  seed: 'number',
  presence_penalty: 'number',
  frequency_penalty: 'number',
} as const;
const optionNames = [
  'prompt',
  'messages',
  'system',
  'model',
  'stop',
  'url',
  'key',
  'timeout',
  'retries',
  ...Object.keys(handedOn),
];

/**
 * The request for a completion, in the form that OpenAI's chat completions made common.
 *
 * @throws TypeError for a wrong option; Error when no endpoint is configured.
 */
export function planCompletion(call: string, given: Sendable, {env}: ModuleServices, stream: boolean): RequestPlan {
  const options = tableOf(call, given);
  const text = (name: string, otherwise?: string): string | undefined => {
    const value = options[name] ?? otherwise;
    if (value === undefined || typeof value === 'string') return value;
    throw new TypeError(`${call}: ${name} must be text, got ${kindOf(value)}`);
  };
  const url = text('url', env['SLOTH_LLM_URL']);
  if (!url) {
    throw new Error(
      `${call}: no language model is configured: set SLOTH_LLM_URL to an endpoint such as http://localhost:8080/v1, or pass url =`,
    );
  }
  const model = text('model', env['SLOTH_LLM_MODEL']);
  const key = text('key', env['SLOTH_LLM_KEY']);
  const body: Record<string, Sendable> = {
    messages: messagesOf(call, options, text('prompt'), text('system')),
    ...(model !== undefined && {model}),
    ...(stream && {stream: true}),
    ...(options['stop'] !== undefined && {stop: options['stop']}),
  };
  for (const [name, type] of Object.entries(handedOn)) {
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== type) throw new TypeError(`${call}: ${name} must be a ${type}, got ${kindOf(value)}`);
    body[name] = value;
  }
  return planRequest(call, 'POST', endpointOf(url), {
    json: body,
    timeout: options['timeout'] ?? '2m',
    ...(options['retries'] !== undefined && {retries: options['retries']}),
    ...(key !== undefined && key !== '' && {auth: {bearer: key}}),
  });
}

function tableOf(call: string, given: Sendable): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${call}: a table such as {prompt = "..."} expected, got ${kindOf(given)}`);
  }
  const odd = Object.keys(given).find((name) => !optionNames.includes(name));
  if (odd === undefined) return given as Options;
  const guess = didYouMean(odd, optionNames);
  throw new TypeError(`${call}: there is no option '${odd}'${guess ? ` (did you mean '${guess}'?)` : ''}`);
}

function messagesOf(
  call: string,
  {messages}: Options,
  prompt: string | undefined,
  system: string | undefined,
): Sendable {
  if ((messages === undefined) === (prompt === undefined))
    throw new TypeError(`${call}: one of prompt and messages is needed`);
  const first = system === undefined ? [] : [{role: 'system', content: system}];
  if (prompt !== undefined) return [...first, {role: 'user', content: prompt}];
  if (Array.isArray(messages) && messages.every(isMessage)) return [...first, ...messages];
  throw new TypeError(`${call}: messages must be a list of {role =, content =}, got ${kindOf(messages)}`);
}

function isMessage(message: Sendable): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const {role, content} = message as Options;
  return typeof role === 'string' && (typeof content === 'string' || Array.isArray(content));
}

function endpointOf(url: string): string {
  return url.endsWith('/chat/completions') ? url : `${url.replace(/\/+$/, '')}/chat/completions`;
}
