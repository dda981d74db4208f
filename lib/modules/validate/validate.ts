import type {ModuleDeclaration} from '../declaration.js';
import lua from './validate.lua';

const results = 'true | false, message: string';

/** Checks that answer instead of raising. */
export const validate: ModuleDeclaration = {
  name: 'validate',
  functions: [
    {
      name: 'required',
      arguments: 'value: table, names: string[]',
      results,
      summary: 'Tells whether a table has a value under each of these names.',
      since: '1.0',
      maySwitch: 'no',
      pure: true,
      inLua: true,
      example: 'print(validate.required({a = 1}, {"a", "b"})) --> false b is missing',
    },
    {
      name: 'type',
      arguments: 'value: any, name: string',
      results,
      summary: 'Tells whether a value is of a type of Lua, or `integer`, `float` or `list`.',
      errors: 'raises for a name that is no type',
      since: '1.0',
      maySwitch: 'no',
      pure: true,
      inLua: true,
      example: 'print(validate.type(1.5, "integer")) --> false integer expected, got float',
    },
    {
      name: 'range',
      arguments: 'value: any, least?: number, most?: number',
      results,
      summary: 'Tells whether a value is a number from `least` to `most`, both included.',
      since: '1.0',
      maySwitch: 'no',
      pure: true,
      inLua: true,
      example: 'print(validate.range(11, 1, 10)) --> false a number of at most 10 expected, got 11',
    },
    {
      name: 'schema',
      arguments: 'value: any, schema: table',
      results,
      summary: 'Tells whether a value fits a JSON Schema.',
      errors: 'raises for a schema that cannot be checked',
      since: '1.0',
      pure: true,
      example: 'print(validate.schema(5, {type = "number"})) --> true',
    },
  ],
  lua,
  load: () => import('./functions.js'),
};
