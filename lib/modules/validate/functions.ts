import {results} from '../../results.js';
import type {Implementations} from '../declaration.js';
import {checkOfSchema} from '../json-schema.js';

export function create(): Implementations {
  return {
    schema(value, schema) {
      const problems = checkOfSchema(schema, 'schema')(value);
      return problems.length === 0 ? true : results(false, problems.join('; '));
    },
  };
}
