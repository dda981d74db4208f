import type {SecretMask} from '../../util/secret-mask.js';

/** A piece of what a task wrote. */
export interface LoggedOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

const streams = ['stdout', 'stderr'] as const;

/** Pieces of output as bytes: for each the number of its stream, its length in 4 bytes (big endian), and itself. */
export function encodeLog(pieces: readonly LoggedOutput[]): Buffer {
  return Buffer.concat(
    pieces.flatMap(({stream, bytes}) => {
      const head = Buffer.alloc(5);
      head.writeUInt8(streams.indexOf(stream), 0);
      head.writeUInt32BE(bytes.length, 1);
      return [head, bytes];
    }),
  );
}

/** The pieces again, up to the first that is not whole. */
export function decodeLog(bytes: Buffer): readonly LoggedOutput[] {
  const pieces: LoggedOutput[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const stream = streams[bytes.readUInt8(at)];
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (!stream || end > bytes.length) break;
    pieces.push({stream, bytes: bytes.subarray(at + 5, end)});
    at = end;
  }
  return pieces;
}

/** Collects the output of a task up to a size; what comes after that is counted only. */
export class OutputLog {
  readonly #pieces: LoggedOutput[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  #dropped = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(stream: LoggedOutput['stream'], bytes: Uint8Array): void {
    if (this.#bytes + bytes.length > this.#maxBytes) {
      this.#dropped += bytes.length;
      return;
    }
    this.#bytes += bytes.length;
    this.#pieces.push({stream, bytes: Uint8Array.from(bytes)});
  }

  /** What was collected; its last line says so when there was more. */
  get pieces(): readonly LoggedOutput[] {
    if (this.#dropped === 0) return this.#pieces;
    const note = Buffer.from(`[${this.#dropped} more bytes were not kept]\n`);
    return [...this.#pieces, {stream: 'stderr', bytes: note}];
  }
}

/** The log without secrets, also where one comes in pieces. */
export function maskedLog(log: readonly LoggedOutput[], mask: SecretMask): readonly LoggedOutput[] {
  if (mask.isEmpty) return log;
  const streams = {stdout: mask.stream(), stderr: mask.stream()};
  const shown = log.map(({stream, bytes}) => ({stream, bytes: streams[stream].push(bytes)}));
  const rest = (['stdout', 'stderr'] as const).map((stream) => ({stream, bytes: streams[stream].flush()}));
  return [...shown, ...rest].filter(({bytes}) => bytes.length > 0);
}
