import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {parseDuration} from '../../util/parse-duration.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';
import {elements, joined, latin, listOfElements, sum} from './encoded.js';
import {StateLocks} from './locks.js';
import {hiddenMark, type StateEntry, type StateTransaction, type StateView} from './state-store.js';
import {stateStoreOf} from './store-of.js';
import {StateWatches} from './watches.js';

export function create(services: ModuleServices): Implementations {
  const store = stateStoreOf(services);
  const locks = new StateLocks(store);
  const watches = new StateWatches(store);
  services.onClose(() => {
    watches.closeAll();
    locks.releaseAll();
  });

  /** Changes one value, which is '' where there is none; its time limit stays. */
  const change = <T>(key: unknown, work: (before: string) => {readonly after: string; readonly result: T}): T => {
    const name = keyOf(key);
    const result = store.transact((transaction) => {
      const entry = alive(transaction.get(name));
      const before = entry?.value ? latin(entry.value) : '';
      const {after, result} = work(before);
      if (after !== before) put(transaction, name, after, entry?.expires ?? 0);
      return result;
    });
    watches.wake();
    return result;
  };

  return {
    put(key, text, duration) {
      store.transact((transaction) => put(transaction, keyOf(key), latin(text), expiryOf(duration)));
      watches.wake();
      return true;
    },
    fetch(key) {
      return store.read((view) => {
        const entry = view.get(keyOf(key));
        return results(alive(entry)?.value, entry?.seq ?? 0);
      });
    },
    fetch_all: (prefix) =>
      store.read((view) => living(view, asText(prefix)).flatMap(({key, value}) => [key, value as Uint8Array])),
    remove_all(prefix, isWhole) {
      const text = asText(prefix);
      const count = store.transact((transaction) => {
        const entries =
          isWhole === true
            ? [alive(transaction.get(keyOf(text)))].flatMap((entry) => entry ?? [])
            : living(transaction, text);
        for (const {key} of entries) transaction.put(key, undefined, 0);
        return entries.length;
      });
      watches.wake();
      return count;
    },
    add: (key, amount) =>
      change(key, (before) => {
        const after = sum(asText(key), before, latin(amount));
        return {after, result: after};
      }),
    concat: (key, text) =>
      change(key, (before) => {
        const after = joined(asText(key), before, latin(text));
        return {after, result: Buffer.from(after, 'latin1')};
      }),
    swap: (key, old, after) =>
      change(key, (before) =>
        same(before, latin(old)) ? {after: latin(after), result: true} : {after: before, result: false},
      ),
    expire(key, duration) {
      return store.transact((transaction) => {
        const entry = alive(transaction.get(keyOf(key)));
        if (entry) transaction.put(entry.key, entry.value, expiryOf(duration));
        return entry !== undefined;
      });
    },
    expiry: (key) =>
      store.read((view) => {
        const entry = alive(view.get(keyOf(key)));
        return entry && entry.expires > 0 ? (entry.expires - Date.now()) / 1000 : undefined;
      }),
    push: (key, ...values) =>
      change(key, (before) => {
        const list = [...elements(asText(key), before), ...values.map(latin)];
        return {after: listOfElements(list), result: list.length};
      }),
    pop(key, side) {
      if (side !== undefined && side !== 'first' && side !== 'last')
        throw new Error(`'first' or 'last' expected, got '${asText(side)}'`);
      return change(key, (before) => {
        const list = elements(asText(key), before);
        const taken = side === 'first' ? list.shift() : list.pop();
        return taken === undefined
          ? {after: before, result: undefined}
          : {after: listOfElements(list), result: Buffer.from(taken, 'latin1')};
      });
    },
    count: (key) => store.read((view) => elements(asText(key), latin(alive(view.get(keyOf(key)))?.value ?? '')).length),
    acquire(name, timeout, ticket) {
      const ms = timeout === undefined ? undefined : durationOf('timeout', timeout);
      return locks.acquire(asText(name), ticket === undefined ? '' : asText(ticket), ms, this.signal);
    },
    release: (name, token) => locks.release(asText(name), token === undefined ? undefined : asText(token)),
    commit(reads, writes, durations) {
      const limits = entriesOf(durations);
      const done = store.transact((transaction) => {
        for (const [key, seq] of entriesOf(reads))
          if ((transaction.get(keyOf(key))?.seq ?? 0) !== Number(seq)) return false;
        for (const [key, text] of entriesOf(writes))
          put(transaction, keyOf(key), latin(text), expiryOf(limits.get(key)));
        return true;
      });
      watches.wake();
      return done;
    },
    open_watch: (prefix) => watches.open(asText(prefix)),
    next(id) {
      return watches.next(Number(id), this.signal) as Promise<Sendable>;
    },
    close_watch(id) {
      watches.close(Number(id));
      return true;
    },
    statistics: () =>
      store.read((view) => {
        const entries = living(view, '');
        const size = entries.reduce((total, {value}) => total + (value?.length ?? 0), 0);
        return {total_keys: entries.length, total_size: size, last_modified: view.lastSeq(), backend: store.backend};
      }),
  };
}

function put(transaction: StateTransaction, key: string, text: string, expires: number): void {
  if (text !== '') transaction.put(key, Buffer.from(text, 'latin1'), expires);
  else if (transaction.get(key)?.value) transaction.put(key, undefined, 0);
}

function alive(entry: StateEntry | undefined): StateEntry | undefined {
  return entry?.value && (entry.expires === 0 || entry.expires > Date.now()) ? entry : undefined;
}

function living(view: StateView, prefix: string): readonly StateEntry[] {
  return view.list(prefix).filter((entry) => alive(entry) && !entry.key.startsWith(hiddenMark));
}

function keyOf(key: unknown): string {
  if (key instanceof Uint8Array) throw new Error('key: text in UTF-8 expected');
  const text = String(key);
  if (text === '' || text.startsWith(hiddenMark)) throw new Error('key: text expected that is not empty');
  return text;
}

function expiryOf(duration: unknown): number {
  return duration === undefined ? 0 : Math.ceil(Date.now() + durationOf('duration', duration));
}

function durationOf(name: string, value: unknown): number {
  const ms = parseDuration(value);
  if (ms === undefined)
    throw new Error(
      `${name}: seconds or a duration such as "10s" expected, got ${JSON.stringify(value) ?? String(value)}`,
    );
  return ms;
}

// Tables are written in whatever order Lua has them.
function same(a: string, b: string): boolean {
  return a === b || (a[0] === 'T' && b[0] === 'T' && canonical(a) === canonical(b));
}

function canonical(value: string): string {
  if (value[0] !== 'T' && value[0] !== 'L') return value;
  const parts = elements('', `L${value.slice(1)}`).map(canonical);
  if (value[0] === 'L') return JSON.stringify(['L', ...parts]);
  const pairs: string[] = [];
  for (let i = 0; i < parts.length; i += 2) pairs.push(JSON.stringify([parts[i], parts[i + 1]]));
  return JSON.stringify(['T', ...pairs.sort()]);
}

function entriesOf(table: unknown): Map<string, unknown> {
  if (table instanceof Map) return new Map([...table].map(([key, value]) => [String(key), value]));
  return new Map(isPlainObject(table) ? Object.entries(table) : []);
}
