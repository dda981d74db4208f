import type {LuaFunction} from '../../lua-function.js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {positive} from '../flow/functions.js';
import {readOptions} from '../options.js';
import type {ModuleServices} from '../services.js';
import type {Subscription} from './event-hub.js';

export function create({events, config, handlersStay, onClose}: ModuleServices): Implementations {
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
      const stays = handlersStay();
      const most = positive('buffer', buffer ?? 1000);
      subscriptions.set(lastId, events.subscribe(asText(pattern), most, stays ? undefined : this.runId));
      return results(lastId, stays);
    },
    attend(id, handle, complain) {
      const subscription = subscriptions.get(Number(id));
      if (subscription) void attend(subscription, handle as LuaFunction, complain as LuaFunction);
    },
    next(id) {
      return subscriptions.get(Number(id))?.next(this.signal) as Promise<Sendable>;
    },
    dropped: (id) => subscriptions.get(Number(id))?.dropped ?? 0,
    cancel(id) {
      subscriptions.get(Number(id))?.close();
      return true;
    },
    when_idle() {
      return events.whenRested(this.runId);
    },
  };
}

// Calls a handler that stays when the run that registered it has ended, for one event after the other.
async function attend(subscription: Subscription, handle: LuaFunction, complain: LuaFunction): Promise<void> {
  const {signal} = new AbortController();
  for (let waiting = await subscription.next(signal); waiting; waiting = await subscription.next(signal)) {
    for (const event of waiting) {
      try {
        const {kind, message = kind} = await handle.start({args: [event as unknown as Sendable]}).report;
        if (kind !== 'succeeded' && kind !== 'cancelled') await complain.call(event.type, message);
      } catch {
        // The runtime is closed.
        return;
      }
    }
  }
}
