import type {HostCall} from '../../host-function.js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {kindOf, type Options} from '../http/request-plan.js';
import type {ModuleServices} from '../services.js';
import {type Message, readMessage} from './message.js';
import {senders} from './senders.js';

interface Way {
  readonly name: string;
  readonly settings: Sendable;
}

/** Implementations of the module `notifications`. */
export function create(services: ModuleServices): Implementations {
  const sendAll = async (ways: readonly Way[], message: Message, signal: AbortSignal) => {
    const ended = await Promise.allSettled(
      ways.map(({name, settings}) =>
        Promise.resolve().then(() => senders[name]?.(settings, message, services, signal)),
      ),
    );
    if (signal.aborted) throw signal.reason;
    const failures = ended.flatMap((end) => (end.status === 'rejected' ? [textOf(end.reason)] : []));
    return failures.length > 0 ? results(undefined, failures.join('; ')) : true;
  };
  const warned = new Set<string>();
  return {
    // Answers true; or nil, message, and true where nobody said so yet.
    dispatch(this: HostCall, given) {
      const message = readMessage('notifications.send', given);
      const ways = waysFor(message.type, services.config()['notifications']);
      if (ways.length > 0) return sendAll(ways, message, this.signal);
      const first = !warned.has(message.type);
      warned.add(message.type);
      return results(undefined, `no notification channel for '${message.type}'`, first);
    },
    slack(this: HostCall, given) {
      const {webhook_url: settings, message, pipeline, error_details: details} = (given ?? {}) as Options;
      const fields = {...(pipeline !== undefined && {pipeline}), ...(details !== undefined && {error: details})};
      const read = readMessage('notifications.slack', {message, fields});
      return sendAll([{name: 'slack', settings}], read, this.signal);
    },
    ntfy(this: HostCall, given) {
      const {message, title, ...settings} = (given ?? {}) as Options;
      const read = readMessage('notifications.ntfy', {message, ...(title !== undefined && {title})});
      return sendAll([{name: 'ntfy', settings}], read, this.signal);
    },
  };
}

/** The ways for a type of message: those of its own, else `default`. A way is `{slack = ...}` and the like, or a list of such. */
function waysFor(type: string, config: unknown): Way[] {
  if (config === undefined) return [];
  if (typeof config !== 'object' || config === null) throw wrongConfig('a table of channels by type', config);
  const table = config as Readonly<Record<string, Sendable>>;
  const chosen = Object.hasOwn(table, type) ? table[type] : table['default'];
  if (chosen === undefined) return [];
  return [chosen].flat().flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null) throw wrongConfig('tables such as {slack = "https://..."}', entry);
    return Object.entries(entry).map(([name, settings]): Way => {
      if (Object.hasOwn(senders, name)) return {name, settings};
      throw new TypeError(
        `runner_config.notifications: there is no channel '${name}'; there are ${Object.keys(senders).join(', ')}`,
      );
    });
  });
}

function wrongConfig(expected: string, got: unknown): TypeError {
  return new TypeError(`runner_config.notifications must be ${expected}, got ${kindOf(got)}`);
}
