import {Readable} from 'node:stream';
import {DelegateBackoff, handleWhen, type IDefaultPolicyContext, type IRetryBackoffContext, retry} from 'cockatiel';
import {Agent, type Dispatcher, request} from 'undici';
import {formatDuration} from '../../util/format-duration.js';
import {textOf} from '../../util/text-of.js';
import type {Permissions} from '../permissions.js';
import type {ModuleServices} from '../services.js';
import {type Bandwidth, bandwidthOf} from './bandwidth.js';
import {type BodySource, readWhole} from './body-reader.js';
import type {RequestPlan} from './request-plan.js';

/** What came back before its body. */
export interface AnswerHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Where it came from, after redirects. */
  readonly url: string;
}

/** An answer whose body is still on its way. Whoever has it reads the body, or destroys it. */
export interface OpenAnswer {
  readonly head: AnswerHead;
  readonly source: BodySource;
}

export interface Answer extends AnswerHead {
  readonly body: Buffer;
}

/** Nobody answered, or not in time. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

// What the permissions said, on its way out.
class Refusal extends Error {}

// An answer that another attempt may change; RFC 9110, 15.
class RetryableAnswer extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`status ${answer.status}`);
    this.answer = answer;
  }
}

const retryable = new Set([429, 502, 503, 504]);
const longestDelayMs = 60_000;

/** Sends requests for all goroutines of a runtime over connections that are kept. */
export class HttpClient {
  readonly #agent = new Agent({keepAliveTimeout: 10_000, connect: {timeout: 30_000}});
  readonly #permissions: Permissions;
  readonly bandwidth: Bandwidth;

  constructor(services: ModuleServices) {
    this.#permissions = services.permissions;
    this.bandwidth = bandwidthOf(services);
    services.onClose(() => this.#agent.destroy());
  }

  /**
   * Sends a request and reads the whole answer; repeats it as the plan says.
   *
   * @throws {@link UnreachableError} when nobody answered; Error when the host may not be talked to.
   */
  async send(plan: RequestPlan, signal: AbortSignal): Promise<Answer> {
    if (plan.retries === 0) return this.#sendOnce(plan, signal);
    const policy = retry(
      handleWhen((error) => error instanceof UnreachableError || error instanceof RetryableAnswer),
      {maxAttempts: plan.retries, backoff: new DelegateBackoff(delayBefore)},
    );
    try {
      return await policy.execute(async () => {
        const answer = await this.#sendOnce(plan, signal);
        if (retryable.has(answer.status)) throw new RetryableAnswer(answer);
        return answer;
      }, signal);
    } catch (error) {
      if (error instanceof RetryableAnswer) return error.answer;
      throw error;
    }
  }

  /** As {@link HttpClient.send}, once, and with the body left to read. */
  async open(plan: RequestPlan, signal: AbortSignal): Promise<OpenAnswer> {
    const late = new AbortController();
    const timer = plan.timeoutMs > 0 ? setTimeout(() => late.abort(), plan.timeoutMs) : undefined;
    try {
      return await this.#follow(plan, AbortSignal.any([signal, late.signal]), signal);
    } catch (error) {
      throw this.#explain(error, plan, late.signal.aborted, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #sendOnce(plan: RequestPlan, signal: AbortSignal): Promise<Answer> {
    const late = new AbortController();
    const timer = plan.timeoutMs > 0 ? setTimeout(() => late.abort(), plan.timeoutMs) : undefined;
    const either = AbortSignal.any([signal, late.signal]);
    try {
      const {head, source} = await this.#follow(plan, either, either);
      return {...head, body: await readWhole(source)};
    } catch (error) {
      throw this.#explain(error, plan, late.signal.aborted, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(plan: RequestPlan, signal: AbortSignal, bodySignal: AbortSignal): Promise<OpenAnswer> {
    let {url, method, headers, body} = plan;
    for (let hop = 0; ; hop += 1) {
      this.#check(url);
      const answer = await request(url, {
        method: method as Dispatcher.HttpMethod,
        ...this.#sent(body, {'accept-encoding': 'gzip, deflate, br', ...headers}, signal),
        dispatcher: this.#agent,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const next = redirectOf(answer.statusCode, answer.headers['location'], url);
      if (!next || plan.maxRedirects === 0) return this.#openAnswer(answer, url, plan, bodySignal);
      await answer.body.dump({limit: 2 ** 20, signal});
      if (hop >= plan.maxRedirects) throw new Error(`more than ${plan.maxRedirects} redirects`);
      // RFC 9110, 15.4: what was posted is not posted again, and names and secrets are for one origin.
      if (answer.statusCode === 303 ? method !== 'HEAD' : answer.statusCode < 303 && method === 'POST') {
        ({method, body} = {method: 'GET', body: undefined});
        headers = without(headers, ['content-type', 'content-length']);
      }
      if (next.origin !== url.origin) headers = without(headers, ['authorization', 'cookie', 'proxy-authorization']);
      url = next;
    }
  }

  // A body under a limit goes in pieces; its length is said, as it is of one that goes at once.
  #sent(
    body: RequestPlan['body'],
    headers: RequestPlan['headers'],
    signal: AbortSignal,
  ): Pick<Dispatcher.RequestOptions, 'headers' | 'body'> {
    if (body === undefined || body.length === 0 || !this.bandwidth.isLimited) return {headers, body: body ?? null};
    const length = String(Buffer.byteLength(body));
    return {headers: {'content-length': length, ...headers}, body: Readable.from(this.bandwidth.pieces(body, signal))};
  }

  #check({hostname, port, protocol}: URL): void {
    try {
      this.#permissions.checkNet(hostname, port || (protocol === 'https:' ? 443 : 80));
    } catch (error) {
      throw new Refusal('refused', {cause: error});
    }
  }

  #openAnswer(answer: Dispatcher.ResponseData, url: URL, {maxBytes}: RequestPlan, signal: AbortSignal): OpenAnswer {
    const {statusCode: status, statusText = '', headers: all} = answer as typeof answer & {statusText?: string};
    const headers = Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])),
    );
    const encoding = [headers['content-encoding']].flat().join(',');
    const body: Readable = answer.body;
    return {
      head: {status, statusText, headers, url: url.href},
      source: {body, encoding, maxBytes, bandwidth: this.bandwidth, signal},
    };
  }

  // Whatever goes wrong on the way is the answer's fault; what the caller may not do, or gave up, is not.
  #explain(error: unknown, {url, method, timeoutMs}: RequestPlan, late: boolean, given: AbortSignal): unknown {
    if (error instanceof Refusal) return error.cause;
    if (given.aborted) return given.reason;
    const what = `${method} ${url.origin}${url.pathname}`;
    if (late) return new UnreachableError(`${what}: no answer within ${formatDuration(timeoutMs)}`, {cause: error});
    const code = (error as {code?: unknown} | null)?.code;
    return new UnreachableError(`${what}: ${textOf(error) || String(code)}`, {cause: error});
  }
}

function delayBefore({attempt, result}: IRetryBackoffContext<unknown> & IDefaultPolicyContext): number {
  const error = 'error' in result ? result.error : undefined;
  const wanted = error instanceof RetryableAnswer ? Number(error.answer.headers['retry-after']) : Number.NaN;
  if (wanted >= 0) return Math.min(wanted * 1000, longestDelayMs);
  return Math.min(200 * 2 ** (attempt - 1), longestDelayMs);
}

function redirectOf(status: number, location: string | string[] | undefined, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, from.href)) throw new Error(`redirected to '${location}', which is no URL`);
  const url = new URL(location, from);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new Error(`redirected to ${url.protocol}, which is refused`);
}

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
