import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import {kindOf, type Options} from '../http/request-plan.js';

/** What is told, whatever way it goes. */
export interface Message {
  /** `info`, `critical`, ...: it decides the channels. */
  readonly type: string;
  readonly title: string | undefined;
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

const names = ['type', 'message', 'title', 'fields'];

/** @throws TypeError naming what is wrong. */
export function readMessage(call: string, given: Sendable): Message {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${call}: a table such as {type = "info", message = "..."} expected, got ${kindOf(given)}`);
  }
  const table = given as Options;
  const odd = Object.keys(table).find((name) => !names.includes(name));
  if (odd !== undefined) throw new TypeError(`${call}: there is no field '${odd}'; there are ${names.join(', ')}`);
  const {type = 'info', message, title, fields = {}} = table;
  if (typeof type !== 'string' || type === '') throw new TypeError(`${call}: type must be text, got ${kindOf(type)}`);
  if (typeof message !== 'string') throw new TypeError(`${call}: message must be text, got ${kindOf(message)}`);
  if (title !== undefined && typeof title !== 'string')
    throw new TypeError(`${call}: title must be text, got ${kindOf(title)}`);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new TypeError(`${call}: fields must be a table of texts by name, got ${kindOf(fields)}`);
  }
  // Tables have no order; what people read should not depend on chance.
  const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = entries.map(([name, value]): [string, string] => {
    if (typeof value === 'object' || typeof value === 'function') {
      throw new TypeError(`${call}: fields.${name} must be text, a number or a boolean, got ${kindOf(value)}`);
    }
    return [name, asText(value)];
  });
  return {type, title, text: message, fields: Object.fromEntries(texts)};
}

/** The message with its fields, a line each. */
export function plainText({text, fields}: Message): string {
  return [text, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)].join('\n');
}
