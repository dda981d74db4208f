import type {ModuleServices} from '../services.js';
import {openStateStore} from './open-state-store.js';
import type {StateStore} from './state-store.js';

/** The store that all modules of a runtime share, opened by the first that asks. */
export function stateStoreOf({stateFile, stateBackend, config, onClose, shared}: ModuleServices): StateStore {
  return shared('state store', () => {
    const file = config()['state_persistence'] === false ? ':memory:' : stateFile;
    const store = openStateStore(file, stateBackend);
    onClose(() => store.close());
    return store;
  });
}
