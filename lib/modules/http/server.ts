import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {pipeline} from 'node:stream/promises';
import type {Sendable} from '../../sendable.js';
import type {Bandwidth} from './bandwidth.js';

/** How a server is made. */
export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** The longest body of a request; a longer one is answered with 413. */
  readonly maxBytes: number;
  /** Requests that wait for their goroutine; one more is answered with 503. */
  readonly maxWaiting: number;
  /** What bodies come and go through. */
  readonly bandwidth: Bandwidth;
}

/** What a handler answers with. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Uint8Array;
}

/** An HTTP server whose requests are taken one after the other, and answered in any order. */
export class RequestServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #waiting: Sendable[] = [];
  readonly #open = new Map<number, ServerResponse>();
  readonly #ended = new AbortController();
  #wake: (() => void) | undefined;
  #last = 0;
  #closed = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  /** @throws Error when the port is taken or may not be used. */
  async listen(): Promise<number> {
    const {host, port} = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** The requests as they come, until the server is closed. Ending the iteration closes it. */
  async *requests(): AsyncGenerator<Sendable> {
    try {
      while (!this.#closed) {
        const next = this.#waiting.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.close();
    }
  }

  /**
   * Answers a request. One whose client went away is forgotten.
   *
   * @throws Error for headers that cannot be sent; the client then gets a 500.
   */
  reply(id: number, {status, headers, body}: Reply): void {
    const response = this.#open.get(id);
    if (!response) return;
    this.#open.delete(id);
    try {
      const {bandwidth} = this.#options;
      if (body.length === 0 || !bandwidth.isLimited) {
        response.writeHead(status, {...headers});
        response.end(body);
        return;
      }
      response.writeHead(status, {'content-length': String(Buffer.byteLength(body)), ...headers});
      // A client that goes away meanwhile is nobody's error.
      pipeline(bandwidth.pieces(body, this.#ended.signal), response).catch(() => undefined);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500);
      response.end();
      throw error;
    }
  }

  /** Takes no more requests; those not answered are broken off. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended.abort();
    this.#server.close();
    this.#server.closeAllConnections();
    this.#wake?.();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {maxBytes, bandwidth} = this.#options;
    const chunks: AsyncIterable<Buffer> = bandwidth.isLimited ? bandwidth.read(request, this.#ended.signal) : request;
    const body = await readBody(chunks, maxBytes).catch(() => undefined);
    if (body === undefined) return refuse(response, 413);
    if (this.#closed || this.#waiting.length >= this.#options.maxWaiting) return refuse(response, 503);
    this.#last += 1;
    const id = this.#last;
    this.#open.set(id, response);
    response.once('close', () => this.#open.delete(id));
    this.#waiting.push(describe(id, request, body));
    this.#wake?.();
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, {connection: 'close'});
  response.end();
}

async function readBody(sent: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of sent) {
    total += chunk.length;
    if (total > maxBytes) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function describe(id: number, request: IncomingMessage, body: Buffer): Sendable {
  const {method = 'GET', url: target = '/', headers, socket} = request;
  const url = URL.canParse(target, 'http://localhost')
    ? new URL(target, 'http://localhost')
    : new URL('http://localhost');
  return {
    id,
    method,
    path: url.pathname,
    target,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    ),
    body,
    remote: socket.remoteAddress ?? '',
  };
}
