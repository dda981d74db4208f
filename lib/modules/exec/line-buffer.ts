import type {Readable} from 'node:stream';
import {untilCalled} from '../../util/until-called.js';

/** Lines that wait to be taken before the process that writes them is made to wait. */
const mostWaiting = 1 << 20;

/** A line that is longer comes in pieces. */
const longestLine = 1 << 20;

/** The lines of two streams in the order in which they came. Slows the streams down when nobody takes them. */
export class LineBuffer {
  readonly #streams: readonly Readable[];
  readonly #rests: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  #waiting: (number | Uint8Array)[] = [];
  #bytes = 0;
  #ended = false;
  #discards = false;
  #wake: (() => void) | undefined;

  constructor(stdout: Readable, stderr: Readable) {
    this.#streams = [stdout, stderr];
    for (const [index, stream] of this.#streams.entries())
      stream.on('data', (bytes: Buffer) => this.#take(index as 0 | 1, bytes));
  }

  /** What has come since, as pairs of 1 or 2 and a line; nothing when there will be no more. */
  async next(signal: AbortSignal): Promise<(number | Uint8Array)[] | undefined> {
    while (this.#waiting.length === 0 && !this.#ended && !signal.aborted) {
      await untilCalled(signal, (wake) => {
        this.#wake = wake;
      });
    }
    const taken = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const stream of this.#streams) stream.resume();
    return taken.length > 0 ? taken : undefined;
  }

  /** Nobody wants what comes from now on. */
  discard(): void {
    this.#discards = true;
    for (const stream of this.#streams) stream.resume();
  }

  /** No more will come. */
  end(): void {
    for (const index of [0, 1] as const) {
      if (this.#rests[index].length > 0) this.#add(index, this.#rests[index]);
    }
    this.#ended = true;
    this.#wake?.();
  }

  #take(index: 0 | 1, bytes: Buffer): void {
    if (this.#discards) return;
    let rest = this.#rests[index].length > 0 ? Buffer.concat([this.#rests[index], bytes]) : bytes;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#add(index, rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > longestLine) {
      this.#add(index, rest);
      rest = Buffer.alloc(0);
    }
    this.#rests[index] = rest;
    if (this.#bytes > mostWaiting) for (const stream of this.#streams) stream.pause();
    this.#wake?.();
  }

  #add(index: 0 | 1, line: Uint8Array): void {
    this.#waiting.push(index + 1, line);
    this.#bytes += line.length + 16;
  }
}
