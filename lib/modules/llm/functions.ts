import type {Readable} from 'node:stream';
import type {HostCall} from '../../host-function.js';
import type {Sendable} from '../../sendable.js';
import type {Implementations} from '../declaration.js';
import {discardBody, readChunks, readWhole} from '../http/body-reader.js';
import {httpClientOf} from '../http/functions.js';
import {parseJson} from '../http/json-text.js';
import type {ModuleServices} from '../services.js';
import {planCompletion} from './completion-request.js';
import {readEvents} from './events.js';

/** Implementations of the module `llm`. */
export function create(services: ModuleServices): Implementations {
  const client = httpClientOf(services);
  return {
    async generate(this: HostCall, options) {
      const plan = planCompletion('llm.generate', options, services, false);
      const {status, body} = await client.send(plan, this.signal);
      if (status !== 200) throw new Error(`llm.generate: ${problemOf(status, body)}`);
      const text = at(parseJson(body.toString()), 'choices', 0, 'message', 'content');
      if (typeof text === 'string') return text;
      throw new Error(`llm.generate: ${plan.url.origin} answered without choices[0].message.content`);
    },
    async stream(this: HostCall, options) {
      const plan = planCompletion('llm.stream', options, services, true);
      // The body is read after this call has been answered, so that its signal must not end it.
      const over = new AbortController();
      const {head, source} = await client.open(plan, this.signal);
      if (head.status === 200) return pieces(readEvents(readChunks({...source, signal: over.signal})), source.body);
      throw new Error(`llm.stream: ${problemOf(head.status, await readWhole(source))}`);
    },
  };
}

async function* pieces(events: AsyncIterable<string>, body: Readable): AsyncGenerator<string> {
  try {
    for await (const data of events) {
      if (data.trim() === '[DONE]') return;
      const event = parseJson(data);
      const problem = at(event, 'error', 'message');
      if (typeof problem === 'string') throw new Error(`llm.stream: ${problem}`);
      const piece = at(event, 'choices', 0, 'delta', 'content');
      if (typeof piece === 'string' && piece !== '') yield piece;
    }
  } finally {
    discardBody(body);
  }
}

// What the endpoint says of an error, in its usual form or as it comes.
function problemOf(status: number, body: Buffer): string {
  const text = body.toString().trim();
  let said: Sendable;
  try {
    said = at(parseJson(text), 'error', 'message');
  } catch {
    said = undefined;
  }
  return `status ${status}: ${typeof said === 'string' ? said : text.slice(0, 500) || 'no text'}`;
}

function at(value: Sendable, ...path: readonly (string | number)[]): Sendable {
  let found: unknown = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found as Sendable;
}
