import {isUtf8} from 'node:buffer';
import type {Writable} from 'node:stream';

/**
 * Where output of scripts goes: a stream, or a function called with each piece. While the stream is full, or the promise that the
 * function returned is pending, scripts that print wait.
 */
export type OutputTarget = Writable | ((text: string | Uint8Array) => unknown);

/**
 * Turns a target into what takes the addon's pieces, one per write of a script. A function gets a string, or the bytes
 * themselves where they are not UTF-8.
 *
 * @param hold makes scripts that write wait, and lets them go on.
 */
export function outputSink(target: OutputTarget, hold: (held: boolean) => void): (bytes: Uint8Array) => void {
  return typeof target === 'function' ? functionSink(target, hold) : streamSink(target, hold);
}

function streamSink(stream: Writable, hold: (held: boolean) => void): (bytes: Uint8Array) => void {
  let held = false;
  const letGo = (): void => {
    stream.off('drain', letGo).off('close', letGo);
    held = false;
    hold(false);
  };
  return (bytes) => {
    if (stream.write(bytes) || held || stream.destroyed) return;
    held = true;
    stream.on('drain', letGo).on('close', letGo);
    hold(true);
  };
}

function functionSink(
  take: (text: string | Uint8Array) => unknown,
  hold: (held: boolean) => void,
): (bytes: Uint8Array) => void {
  let pending = 0;
  const settled = (): void => {
    pending -= 1;
    if (pending === 0) hold(false);
  };
  return (bytes) => {
    const taken = take(
      isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString() : bytes,
    );
    if (!(taken instanceof Promise)) return;
    pending += 1;
    if (pending === 1) hold(true);
    void taken.finally(settled);
  };
}
