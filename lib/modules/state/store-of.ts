import type {ModuleServices} from '../services.js';
import {describedStore} from './described-store.js';
import {openStateStore} from './open-state-store.js';
import type {StateStore} from './state-store.js';

/** The store that all modules of a runtime share, opened by the first that asks. */
export function stateStoreOf({
  stateFile,
  stateBackend,
  permissions,
  config,
  onClose,
  shared,
}: ModuleServices): StateStore {
  return shared('state store', () => {
    const file = config()['state_persistence'] === false ? ':memory:' : stateFile;
    const open = (): StateStore => openStateStore(file, stateBackend);
    const store = permissions.onlyDescribes ? describedStore(file, open) : open();
    onClose(() => store.close());
    return store;
  });
}
