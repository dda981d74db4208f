import type {Sendable} from '../../sendable.js';
import {kindOf, type Options} from '../http/request-plan.js';

/** Settings as a table; text alone stands for the one that must be there. */
export function tableOf(way: string, settings: Sendable, main: string, names: readonly string[]): Options {
  if (typeof settings === 'string') return {[main]: settings};
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new TypeError(`notifications: ${way} must be ${main} or a table, got ${kindOf(settings)}`);
  }
  const odd = Object.keys(settings).find((name) => !names.includes(name));
  if (odd === undefined) return settings as Options;
  throw new TypeError(`notifications: ${way} has no setting '${odd}'; there are ${names.join(', ')}`);
}

/** @throws TypeError when it is none. */
export function text(way: string, name: string, value: Sendable): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`notifications: ${way}.${name} must be text, got ${kindOf(value)}`);
}
