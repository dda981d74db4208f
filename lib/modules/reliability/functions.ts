import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {breakersOf} from '../flow/functions.js';
import type {ModuleServices} from '../services.js';

export function create(services: ModuleServices): Implementations {
  const breakers = breakersOf(services);
  return {
    get_circuit_stats: (name) => breakers.stats(asText(name)) as Sendable,
    reset_circuit: (name) => breakers.reset(asText(name)),
    list_circuits: () => breakers.names(),
  };
}
