import {pipeline, Readable} from 'node:stream';
import {createBrotliDecompress, createGunzip, createInflate} from 'node:zlib';
import type {Bandwidth} from './bandwidth.js';
import {TooLongError} from './exchange.js';

const unpackers = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;

/** What {@link readChunks} needs to know of an answer. */
export interface BodySource {
  readonly body: Readable;
  /** `content-encoding`. */
  readonly encoding: string | undefined;
  readonly maxBytes: number;
  readonly bandwidth: Bandwidth;
  readonly signal: AbortSignal;
}

/**
 * The chunks of a body, unpacked. It never holds more than a chunk, so that a small body that unpacks to a giant one is refused
 * when it passes the limit.
 *
 * @throws Error when the body is longer than `maxBytes`, cannot be unpacked, or breaks off.
 */
export async function* readChunks({body, encoding, maxBytes, bandwidth, signal}: BodySource): AsyncGenerator<Buffer> {
  // What counts is what comes over the network, before it is unpacked.
  const wire = bandwidth.isLimited ? Readable.from(bandwidth.read(body, signal), {objectMode: false}) : body;
  let total = 0;
  for await (const chunk of unpacked(wire, encoding) as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > maxBytes) throw new TooLongError(maxBytes);
    yield chunk;
  }
}

/** The whole body. */
export async function readWhole(source: BodySource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(source)) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function unpacked(body: Readable, encoding: string | undefined): Readable {
  const steps = (encoding ?? '').split(',').flatMap((word) => {
    const unpack = unpackers[word.trim().toLowerCase() as keyof typeof unpackers];
    return unpack ? [unpack()] : [];
  });
  let last = body;
  // What was packed last is unpacked first.
  for (const step of steps.reverse()) {
    const from = last;
    // An error of any step ends them all, and is the reader's.
    last = pipeline(from, step, () => {});
  }
  return last;
}

/** Lets go of a body that nobody reads, without a word about what was left of it. */
export function discardBody(body: Readable): void {
  body.on('error', () => {}).destroy();
}
