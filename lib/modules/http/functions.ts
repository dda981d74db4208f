import type {HostCall, HostFunction} from '../../host-function.js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';
import {answerTable} from './answer-table.js';
import {discardBody, readChunks} from './body-reader.js';
import {HttpClient, type OpenAnswer, UnreachableError} from './client.js';
import {download} from './download.js';
import {parseJson} from './json-text.js';
import {type Options, planRequest, type RequestPlan, readOptions} from './request-plan.js';
import {serverFunctions} from './server-functions.js';

/** The client that all modules of a runtime share. */
export function httpClientOf(services: ModuleServices): HttpClient {
  return services.shared('http client', () => new HttpClient(services));
}

/** What Lua gets instead of an answer: nil and why. What is the caller's fault raises. */
export function unreachable(error: unknown): ReturnType<typeof results> {
  if (error instanceof UnreachableError) return results(undefined, error.message);
  throw error;
}

/** Implementations of the module `http`. The first argument of the internal ones is the name of the call, for messages. */
export function create(services: ModuleServices): Implementations {
  const client = httpClientOf(services);
  const streams = new OpenBodies();
  services.onClose(() => streams.close());
  return {
    ...serverFunctions(services),
    exchange: exchangeWith(client),
    open: openWith(client, streams),
    body: (id) => streams.read(Number(id)),
    save: saveWith(client, services),
    parse: (body) => parseJson(asText(body)),
  };
}

function exchangeWith(client: HttpClient): HostFunction {
  return async function (this: HostCall, ...args) {
    const plan = planOf(args);
    try {
      const answer = await client.send(plan, this.signal);
      return {...answerTable(answer), body: answer.body};
    } catch (error) {
      return unreachable(error);
    }
  };
}

function openWith(client: HttpClient, streams: OpenBodies): HostFunction {
  return async function (this: HostCall, ...args) {
    const plan = planOf(args);
    // The goroutine may break off the request; the body, once it comes, is read by others too.
    const asked = new AbortController();
    const stop = (): void => asked.abort(this.signal.reason);
    this.signal.addEventListener('abort', stop, {once: true});
    if (this.signal.aborted) stop();
    try {
      const answer = await client.open(plan, AbortSignal.any([streams.signal, asked.signal]));
      if (this.signal.aborted) {
        discardBody(answer.source.body);
        throw this.signal.reason;
      }
      return {...answerTable(answer.head), id: streams.add(answer)};
    } catch (error) {
      return unreachable(error);
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  };
}

function saveWith(client: HttpClient, {permissions}: ModuleServices): HostFunction {
  return async function (this: HostCall, call, url, path, table) {
    const options: Options = {max_bytes: Number.MAX_SAFE_INTEGER, ...readOptions(asText(call), table)};
    const plan = planRequest(asText(call), 'GET', asText(url), options);
    const target = await permissions.checkPath('write', asText(path));
    const done = await download(client, plan, target, this.signal);
    const told = done.head && (answerTable(done.head) as Record<string, Sendable>);
    return done.saved ? {...told, path: target, bytes: done.bytes} : results(undefined, done.message, told);
  };
}

// What the Lua part hands over: call, method, url, options, and a body that is an argument of its own.
function planOf([call, method, url, table, body]: readonly Sendable[]): RequestPlan {
  const options = readOptions(asText(call), table);
  return planRequest(asText(call), asText(method), asText(url), body === undefined ? options : {...options, body});
}

/** Bodies that Lua reads piece by piece. */
class OpenBodies {
  readonly #bodies = new Map<number, OpenAnswer>();
  readonly #closed = new AbortController();
  #last = 0;

  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  add(answer: OpenAnswer): number {
    this.#last += 1;
    this.#bodies.set(this.#last, answer);
    return this.#last;
  }

  async *read(id: number): AsyncGenerator<Buffer> {
    const answer = this.#bodies.get(id);
    if (!answer) throw new Error('this body was read already');
    this.#bodies.delete(id);
    try {
      yield* readChunks(answer.source);
    } finally {
      discardBody(answer.source.body);
    }
  }

  close(): void {
    this.#closed.abort(new Error('the runtime is closed'));
    for (const {source} of this.#bodies.values()) discardBody(source.body);
    this.#bodies.clear();
  }
}
