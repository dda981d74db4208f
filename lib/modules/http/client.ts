import {Readable} from 'node:stream';
import {DelegateBackoff, handleWhen, type IDefaultPolicyContext, type IRetryBackoffContext, retry} from 'cockatiel';
import {Agent, buildConnector, type Dispatcher} from 'undici';
import {formatDuration} from '../../util/format-duration.js';
import {textOf} from '../../util/text-of.js';
import type {Permissions} from '../permissions.js';
import type {ModuleServices} from '../services.js';
import {type Bandwidth, bandwidthOf} from './bandwidth.js';
import {type BodySource, readWhole} from './body-reader.js';
import {Burst} from './burst.js';
import {Exchange, LateError, type RawAnswer, type RawHeaders, type Reading} from './exchange.js';
import type {RequestPlan} from './request-plan.js';

/** What came back before its body. */
export interface AnswerHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
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
const redirects = new Set([301, 302, 303, 307, 308]);
const longestDelayMs = 60_000;

// What of a plan a redirect may change.
type Sent = Pick<RequestPlan, 'url' | 'method' | 'headers' | 'body'>;

// Where a request came to, and what is there.
interface Followed {
  readonly answer: RawAnswer;
  readonly url: URL;
}

/** Sends requests for all goroutines of a runtime over connections that are kept. */
export class HttpClient {
  readonly #burst = new Burst(buildConnector({timeout: 30_000}));
  readonly #agent = new Agent({keepAliveTimeout: 10_000, connect: this.#burst.connector});
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
    try {
      const {answer, url} = await this.#follow(plan, signal, 'head');
      return {head: headOf(answer, url), source: this.#sourceOf(answer, plan, signal)};
    } catch (error) {
      throw explained(error, plan, signal);
    }
  }

  async #sendOnce(plan: RequestPlan, signal: AbortSignal): Promise<Answer> {
    try {
      const {answer, url} = await this.#follow(plan, signal, 'body');
      const {body} = answer;
      const whole = Buffer.isBuffer(body) ? body : await readWhole(this.#sourceOf(answer, plan, signal));
      return {...headOf(answer, url), body: whole};
    } catch (error) {
      throw explained(error, plan, signal);
    }
  }

  async #follow(plan: RequestPlan, signal: AbortSignal, timed: 'body' | 'head'): Promise<Followed> {
    const {timeoutMs, maxRedirects, maxBytes} = plan;
    const began = performance.now();
    let {url, method, headers, body} = plan;
    for (let hop = 0; ; hop += 1) {
      this.#check(url);
      const from = url;
      const left = timeoutMs === 0 || hop === 0 ? timeoutMs : Math.max(1, timeoutMs - (performance.now() - began));
      const reading = (status: number, got: RawHeaders): Reading => {
        if (maxRedirects > 0 && isRedirect(status, got)) return 'skip';
        return timed === 'head' || got['content-encoding'] !== undefined || this.bandwidth.isLimited
          ? 'stream'
          : 'gather';
      };
      const exchange = new Exchange({signal, timeoutMs: left, timed, maxBytes, reading});
      this.#burst.expect(left);
      if (!exchange.over) this.#agent.dispatch(this.#dispatchOptions({url, method, headers, body}, signal), exchange);
      const answer = await exchange.answer;
      const next = maxRedirects > 0 ? redirectOf(answer, from) : undefined;
      if (!next) return {answer, url};
      if (hop >= maxRedirects) throw new Error(`more than ${maxRedirects} redirects`);
      // RFC 9110, 15.4: what was posted is not posted again, and names and secrets are for one origin.
      if (answer.status === 303 ? method !== 'HEAD' : answer.status < 303 && method === 'POST') {
        ({method, body} = {method: 'GET', body: undefined});
        headers = without(headers, ['content-type', 'content-length']);
      }
      if (next.origin !== url.origin) headers = without(headers, ['authorization', 'cookie', 'proxy-authorization']);
      url = next;
    }
  }

  #dispatchOptions({url, method, headers, body}: Sent, signal: AbortSignal): Dispatcher.DispatchOptions {
    const options = {
      origin: url.origin,
      path: url.pathname + url.search,
      method: method as Dispatcher.HttpMethod,
      headers:
        headers['accept-encoding'] === undefined ? {'accept-encoding': 'gzip, deflate, br', ...headers} : headers,
      body: body ?? null,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    if (body === undefined || body.length === 0 || !this.bandwidth.isLimited) return options;
    // A body under a limit goes in pieces; its length is said, as it is of one that goes at once.
    const length = String(Buffer.byteLength(body));
    return {
      ...options,
      headers: {'content-length': length, ...options.headers},
      body: Readable.from(this.bandwidth.pieces(body, signal)),
    };
  }

  #check({hostname, port, protocol}: URL): void {
    try {
      this.#permissions.checkNet(hostname, port || (protocol === 'https:' ? 443 : 80));
    } catch (error) {
      throw new Refusal('refused', {cause: error});
    }
  }

  #sourceOf({body, headers}: RawAnswer, {maxBytes}: RequestPlan, signal: AbortSignal): BodySource {
    const encoding = [headers['content-encoding'] ?? []].flat().join(',');
    const stream = Buffer.isBuffer(body) ? Readable.from([body]) : body;
    return {body: stream, encoding, maxBytes, bandwidth: this.bandwidth, signal};
  }
}

/** Whatever goes wrong on the way is the answer's fault; what the caller may not do, or gave up, is not. */
export function explained(error: unknown, {url, method, timeoutMs}: RequestPlan, given: AbortSignal): unknown {
  if (error instanceof Refusal) return error.cause;
  if (given.aborted) return given.reason;
  const what = `${method} ${url.origin}${url.pathname}`;
  if (error instanceof LateError) {
    return new UnreachableError(`${what}: no answer within ${formatDuration(timeoutMs)}`, {cause: error});
  }
  const code = (error as {code?: unknown} | null)?.code;
  return new UnreachableError(`${what}: ${textOf(error) || String(code)}`, {cause: error});
}

function headOf({status, statusText, headers}: RawAnswer, url: URL): AnswerHead {
  return {status, statusText, headers, url: url.href};
}

function delayBefore({attempt, result}: IRetryBackoffContext<unknown> & IDefaultPolicyContext): number {
  const error = 'error' in result ? result.error : undefined;
  const wanted = error instanceof RetryableAnswer ? Number(error.answer.headers['retry-after']) : Number.NaN;
  if (wanted >= 0) return Math.min(wanted * 1000, longestDelayMs);
  return Math.min(200 * 2 ** (attempt - 1), longestDelayMs);
}

function isRedirect(status: number, headers: RawHeaders): boolean {
  return redirects.has(status) && typeof headers['location'] === 'string';
}

function redirectOf({status, headers}: RawAnswer, from: URL): URL | undefined {
  const location = headers['location'];
  if (!isRedirect(status, headers) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, from.href)) throw new Error(`redirected to '${location}', which is no URL`);
  const url = new URL(location, from);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new Error(`redirected to ${url.protocol}, which is refused`);
}

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
