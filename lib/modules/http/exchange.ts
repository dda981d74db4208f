import {Readable} from 'node:stream';
import type {Dispatcher} from 'undici';

export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What comes back of one request; a redirect is an answer like any other. */
export interface RawAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
  /** All of it where it was gathered, nothing where it was skipped, else what it is read from. */
  readonly body: Buffer | Readable;
}

/** What to do with a body: read it to its end, leave it to read, or let it pass. */
export type Reading = 'gather' | 'stream' | 'skip';

/** What an exchange needs to know, beside the request. */
export interface ExchangeTerms {
  /** Breaks it off at any moment, also while its body is read. */
  readonly signal: AbortSignal;
  /** How long it may take; `0`: without limit. */
  readonly timeoutMs: number;
  /** Whether the time runs until the body has ended, or until it begins. */
  readonly timed: 'body' | 'head';
  /** What a body that is gathered may hold. */
  readonly maxBytes: number;
  /** Asked once, when the head is there. */
  readonly reading: (status: number, headers: RawHeaders) => Reading;
}

/** The time that an exchange had is over. */
export class LateError extends Error {}

const mostSkippedBytes = 2 ** 20;
const nothing = Buffer.alloc(0);

/**
 * One request on its way and what comes back of it. A request costs little more than what undici does for it: no stream and no
 * second signal, unless its body is read as a stream.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Rejects with what went wrong: the signal's reason, {@link LateError}, or what undici says. */
  readonly answer: Promise<RawAnswer>;
  readonly #terms: ExchangeTerms;
  #resolve!: (answer: RawAnswer) => void;
  #reject!: (reason: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Omit<RawAnswer, 'body'> | undefined;
  #reading: Reading | undefined;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #stream: Readable | undefined;
  #over = false;
  #reason: Error | undefined;

  constructor(terms: ExchangeTerms) {
    this.#terms = terms;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (terms.signal.aborted) {
      this.#aborted();
      return;
    }
    terms.signal.addEventListener('abort', this.#aborted);
    if (terms.timeoutMs > 0) this.#timer = setTimeout(this.#late, terms.timeoutMs);
  }

  /** Whether it was broken off before it began. */
  get over(): boolean {
    return this.#over;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited for a connection when it was broken off.
    if (this.#over) controller.abort(this.#reason ?? new Error('broken off'));
  }

  onResponseStart(_: unknown, status: number, headers: RawHeaders, statusText = ''): void {
    if (status < 200 || this.#over) return;
    this.#head = {status, statusText, headers};
    this.#reading = this.#terms.reading(status, headers);
    if (this.#reading === 'gather') return;
    if (this.#terms.timed === 'head') clearTimeout(this.#timer);
    this.#resolve({...this.#head, body: this.#reading === 'skip' ? nothing : this.#startStream()});
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes += chunk.length;
    if (this.#reading === 'stream') {
      if (!this.#stream?.push(chunk)) controller.pause();
    } else if (this.#reading === 'skip') {
      // Not worth the wait for the connection.
      if (this.#bytes > mostSkippedBytes) this.#breakOff(new Error('skipped'));
    } else if (this.#bytes > this.#terms.maxBytes) this.#breakOff(new TooLongError(this.#terms.maxBytes));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#end();
    this.#stream?.push(null);
    if (this.#reading !== 'gather' || !this.#head) return;
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#resolve({...this.#head, body});
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#over) return;
    this.#fail(error);
  }

  readonly #aborted = (): void => this.#breakOff(this.#terms.signal.reason);

  readonly #late = (): void => this.#breakOff(new LateError('late'));

  #startStream(): Readable {
    const stream = new Readable({
      read: () => this.#controller?.resume(),
      destroy: (error, done) => {
        // Whoever lets go of a body that has not ended wants no more of it.
        if (!this.#over) this.#breakOff(error ?? new Error('nobody reads the body'));
        done(error);
      },
    });
    // Whoever reads is told; where nobody does, it is no accident.
    stream.on('error', () => {});
    this.#stream = stream;
    return stream;
  }

  #breakOff(reason: unknown): void {
    if (this.#over) return;
    const error = this.#fail(reason);
    this.#controller?.abort(error);
  }

  #fail(reason: unknown): Error {
    const error = reason instanceof Error ? reason : new Error('broken off', {cause: reason});
    this.#reason = error;
    this.#end();
    this.#reject(reason);
    this.#stream?.destroy(error);
    return error;
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#terms.signal.removeEventListener('abort', this.#aborted);
  }
}

/** A body has more bytes than its reader takes. */
export class TooLongError extends Error {
  constructor(maxBytes: number) {
    super(`the body is longer than max_bytes, which is ${maxBytes}`);
  }
}
