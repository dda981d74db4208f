import {isUtf8} from 'node:buffer';
import type {Writable} from 'node:stream';

/** Where output of scripts goes: a stream, or a function called with each piece. */
export type OutputTarget = Writable | ((text: string | Uint8Array) => void);

/**
 * Turns a target into what takes the addon's pieces, one per write of a script. A function gets a string, or the bytes
 * themselves where they are not UTF-8.
 */
export function outputSink(target: OutputTarget): (bytes: Uint8Array) => void {
  if (typeof target !== 'function') return (bytes) => void target.write(bytes);
  return (bytes) =>
    target(isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString() : bytes);
}
