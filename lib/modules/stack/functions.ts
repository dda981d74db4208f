import {randomUUID} from 'node:crypto';
import {isDeepStrictEqual} from 'node:util';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {restoreValue, type StoredValue, storeValue} from '../../task/journal/stored-value.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {readRequired} from '../options.js';
import type {ModuleServices} from '../services.js';
import {hiddenMark, type StateTransaction, type StateView} from '../state/state-store.js';
import {stateStoreOf} from '../state/store-of.js';

/** What is kept of a resource. */
interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly module: string;
  readonly properties: StoredValue;
  readonly dependencies: StoredValue;
  /** Seconds since 1970. */
  readonly created_at: number;
  readonly updated_at: number;
}

export function create(services: ModuleServices): Implementations {
  const store = stateStoreOf(services);
  const keyOf = (kind: string, ...names: readonly string[]): string =>
    `${hiddenMark}stack ${JSON.stringify([services.stack, kind, ...names])}`;
  const resourceKey = (type: unknown, name: unknown): string => keyOf('resource', asText(type), asText(name));
  const missing = (type: unknown, name: unknown) =>
    results(undefined, `stack ${services.stack} has no resource ${asText(type)} '${asText(name)}'`);

  return {
    get_name: () => services.stack,
    get_id: () =>
      store.transact((transaction) => {
        const key = keyOf('id');
        const known = read<string>(transaction, key);
        if (known !== undefined) return known;
        const id = randomUUID();
        write(transaction, key, id);
        return id;
      }),
    get_status: () => 'running',
    set_output(name, value) {
      const kept = value === undefined ? undefined : keepable(`output '${asText(name)}'`, value);
      store.transact((transaction) => write(transaction, keyOf('output', asText(name)), kept));
      return true;
    },
    get_output(name, otherwise) {
      const value = store.read((view) => read<StoredValue>(view, keyOf('output', asText(name))));
      return value === undefined ? otherwise : restoreValue(value);
    },
    register_resource(given) {
      const {type, name, module, properties, dependencies} = readRequired(
        given,
        {type: 'string', name: 'string', module: 'string', properties: 'table', dependencies: 'any'},
        ['type', 'name'],
      );
      const wanted = {
        module: module ?? '',
        properties: keepable('properties', (properties ?? {}) as Sendable),
        dependencies: keepable('dependencies', (dependencies ?? []) as Sendable),
      };
      const key = resourceKey(type, name);
      const [status, resource] = store.transact((transaction) => {
        const known = read<Resource>(transaction, key);
        if (known && same(known, wanted)) return ['unchanged', known] as const;
        const now = Date.now() / 1000;
        const about = known ?? {id: `${type}/${name}`, type, name, created_at: now};
        const after: Resource = {...about, ...wanted, updated_at: now};
        write(transaction, key, after);
        return [known ? 'changed' : 'created', after] as const;
      });
      return results(status, shown(resource));
    },
    get_resource(type, name) {
      const known = store.read((view) => read<Resource>(view, resourceKey(type, name)));
      return known ? shown(known) : missing(type, name);
    },
    update_resource(type, name, properties) {
      const set = keepable('properties', properties) as Readonly<Record<string, StoredValue>>;
      const after = store.transact((transaction) => {
        const key = resourceKey(type, name);
        const known = read<Resource>(transaction, key);
        if (!known) return undefined;
        const before = known.properties as Readonly<Record<string, StoredValue>>;
        const updated: Resource = {...known, properties: {...before, ...set}, updated_at: Date.now() / 1000};
        write(transaction, key, updated);
        return updated;
      });
      return after ? shown(after) : missing(type, name);
    },
    delete_resource: (type, name) =>
      store.transact((transaction) => {
        const key = resourceKey(type, name);
        const isThere = read(transaction, key) !== undefined;
        if (isThere) write(transaction, key, undefined);
        return isThere;
      }),
    resource_exists: (type, name) => store.read((view) => read(view, resourceKey(type, name)) !== undefined),
  };
}

function read<T>(view: StateView, key: string): T | undefined {
  const value = view.get(key)?.value;
  return value === undefined ? undefined : (JSON.parse(Buffer.from(value).toString()) as T);
}

function write(transaction: StateTransaction, key: string, value: unknown): void {
  transaction.put(key, value === undefined ? undefined : Buffer.from(JSON.stringify(value)), 0);
}

function keepable(what: string, value: Sendable): StoredValue {
  const {value: kept, lost} = storeValue(value, what);
  if (lost[0] !== undefined) throw new Error(lost[0]);
  return kept;
}

// An empty table of Lua may be a list.
function same(known: Resource, wanted: Pick<Resource, 'module' | 'properties' | 'dependencies'>): boolean {
  const {module, properties, dependencies} = known;
  return isDeepStrictEqual(
    JSON.parse(JSON.stringify({module, properties, dependencies})),
    JSON.parse(JSON.stringify({...wanted})),
  );
}

function shown({properties, dependencies, ...plain}: Resource): Sendable {
  return {...plain, properties: restoreValue(properties), dependencies: restoreValue(dependencies)};
}
