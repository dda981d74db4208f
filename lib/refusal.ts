import {types} from 'node:util';

/** A value that cannot cross. Whoever knows its path makes a ValueError of it. */
export class Refusal extends Error {}

const longest = 2 ** 26;

/** The length of a list that may cross. */
export function lengthOf(list: ArrayLike<unknown>): number {
  const {length} = list;
  if (length <= longest) return length;
  throw new Refusal(`a list of ${length} elements cannot cross into Lua; ${longest} is the most`);
}

/** Refuses a buffer whose memory was given away: it would look empty. */
export function checkAttached(buffer: ArrayBufferLike): void {
  if (buffer.byteLength > 0) return;
  try {
    new Uint8Array(buffer);
  } catch {
    throw new Refusal('a detached buffer cannot cross into Lua; its memory was transferred elsewhere');
  }
}

/** Why an instance of a class cannot cross, and what to do. */
export function describeInstance(value: object): string {
  const name: unknown = value.constructor?.name;
  const kind = typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class';
  if (types.isPromise(value)) return `${kind} cannot cross into Lua; await it first`;
  return `${kind} cannot cross into Lua; send a plain object with what Lua needs of it`;
}
