import {setTimeout as sleep} from 'node:timers/promises';
import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {parseDuration} from '../../util/parse-duration.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText, textOf} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {listOf, luaType} from '../options.js';
import type {ModuleServices} from '../services.js';
import {type Judged, makeProbe, wordsOf} from './make-probe.js';
import type {Probe} from './probe.js';

const defaultIntervalMs = 5000;
const shortestIntervalMs = 10;

interface Watcher {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly probe: Probe;
  readonly wanted: ReadonlySet<string>;
  readonly event: string | undefined;
  readonly intervalMs: number;
}

export function create(services: ModuleServices): Implementations {
  const watchers = new Map<string, Watcher>();
  const closed = new AbortController();
  services.onClose(() => closed.abort());
  let last = 0;
  const lookWith = async ({id, kind, name, probe, wanted, event}: Watcher, signal: AbortSignal): Promise<void> => {
    for (const {what, data} of await probe.look(signal)) {
      if (!wanted.has(what) || !watchers.has(id)) continue;
      const group = kind === 'directory' ? 'file' : kind;
      services.events.dispatch(event ?? `${group}.${what}`, {...data, watcher: id, name, change: what});
    }
  };
  const attend = async (watcher: Watcher, complain: LuaFunction, check: LuaFunction | undefined): Promise<void> => {
    for (;;) {
      await sleep(watcher.intervalMs, undefined, {ref: false, signal: closed.signal}).catch(() => {});
      if (closed.signal.aborted || !watchers.has(watcher.id)) return;
      try {
        if (check) judge(watcher, (await check.call())[0]);
        await lookWith(watcher, closed.signal);
      } catch (error) {
        await complain.call(watcher.id, textOf(error)).catch(() => {});
      }
    }
  };
  return {
    async open(kindOf, given) {
      const kind = asText(kindOf);
      if (services.config()['enable_events'] === false)
        throw new Error('events are switched off: runner_config.enable_events is false');
      const probe = await makeProbe(kind, given, services);
      const options: Readonly<Record<string, unknown>> = isPlainObject(given) ? given : {};
      const {name, event} = options;
      const intervalMs = intervalOf(options['interval']);
      const wanted = wantedOf(kind, options['when']);
      last += 1;
      const id = `${kind}-${last}`;
      const called = name === undefined ? id : asText(name);
      const eventType = event === undefined ? undefined : asText(event);
      const watcher = {id, kind, name: called, probe, wanted, event: eventType, intervalMs};
      watchers.set(id, watcher);
      try {
        await lookWith(watcher, this.signal);
      } catch (error) {
        watchers.delete(id);
        throw error;
      }
      return {id, interval_ms: intervalMs, stays: services.handlersStay()};
    },
    judge(id, value) {
      const watcher = watchers.get(asText(id));
      if (watcher) judge(watcher, value);
    },
    /** Looks again and again until the watcher is dropped or the runtime closed, as the Lua part does where it ends with its run. */
    attend(id, complain, check) {
      const watcher = watchers.get(asText(id));
      if (watcher) void attend(watcher, complain as LuaFunction, check as LuaFunction | undefined);
    },
    /** Looks, and dispatches what it sees; false when the watcher is gone. */
    async look(id) {
      const watcher = watchers.get(asText(id));
      if (!watcher) return false;
      await lookWith(watcher, this.signal);
      return watchers.has(watcher.id);
    },
    drop: (id) => watchers.delete(asText(id)),
    list_all: () =>
      [...watchers.values()].map(
        ({id, kind, name, intervalMs}): Sendable => ({
          id,
          kind,
          name,
          interval: intervalMs / 1000,
        }),
      ),
  };
}

function judge({probe}: Watcher, value: unknown): void {
  if ('judge' in probe) (probe as Judged).judge(value);
}

function intervalOf(given: unknown): number {
  if (given === undefined) return defaultIntervalMs;
  const ms = parseDuration(given);
  if (ms !== undefined && ms >= shortestIntervalMs && Number.isFinite(ms)) return ms;
  throw new Error(
    `option 'interval': seconds or a duration such as "5s" expected, of ${shortestIntervalMs} ms at least, got ${JSON.stringify(given)}`,
  );
}

function wantedOf(kind: string, given: unknown): ReadonlySet<string> {
  const words = wordsOf[kind] ?? {};
  if (given === undefined) return new Set(Object.values(words));
  const list = typeof given === 'string' ? [given] : listOf(given);
  if (!list) throw new Error(`option 'when': a word or a list of words expected, got ${luaType(given)}`);
  return new Set(
    list.map((word) => {
      const known = typeof word === 'string' && Object.hasOwn(words, word) ? words[word] : undefined;
      if (known !== undefined) return known;
      throw new Error(`option 'when': there is no '${String(word)}'; known: ${Object.keys(words).join(', ')}`);
    }),
  );
}
