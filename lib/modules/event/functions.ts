import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {positive} from '../flow/functions.js';
import {readOptions} from '../options.js';
import type {ModuleServices} from '../services.js';
import type {Subscription} from './event-hub.js';

/** How long a run waits for the handlers of what it dispatched. */
const patienceMs = 5000;

export function create({events, config, onClose}: ModuleServices): Implementations {
  const subscriptions = new Map<number, Subscription>();
  let lastId = 0;
  onClose(() => {
    for (const subscription of subscriptions.values()) subscription.close();
  });
  const checkEnabled = (): void => {
    if (config()['enable_events'] === false)
      throw new Error('events are switched off: runner_config.enable_events is false');
  };
  return {
    dispatch_event(type, data) {
      checkEnabled();
      return events.dispatch(asText(type), data ?? {});
    },
    subscribe(pattern, options) {
      checkEnabled();
      const {buffer} = readOptions(options, {buffer: 'integer'});
      lastId += 1;
      subscriptions.set(lastId, events.subscribe(asText(pattern), positive('buffer', buffer ?? 1000)));
      return lastId;
    },
    next(id) {
      return subscriptions.get(Number(id))?.next(this.signal) as Promise<Sendable>;
    },
    dropped: (id) => subscriptions.get(Number(id))?.dropped ?? 0,
    cancel(id) {
      subscriptions.get(Number(id))?.close();
      return true;
    },
    async when_idle() {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patienceMs);
      });
      await Promise.race([events.whenIdle(), limit]);
      clearTimeout(timer);
    },
  };
}
