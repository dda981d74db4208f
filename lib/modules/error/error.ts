import type {ModuleDeclaration} from '../declaration.js';
import lua from './error.lua';

/** Fields of Lua's function `error`, which stays one. */
export const error: ModuleDeclaration = {
  name: 'error',
  functions: [
    {
      name: 'try',
      arguments: 'f: function, catch?: function, finally?: function',
      results: '...: any | nil, error: any',
      summary:
        'Calls f; when it raises, `catch(error)`, whose results are then those of the call; and in any case `finally()` at last.',
      errors: 'raises what `catch` or `finally` raises',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example:
        'print(error.try(function() error("no", 0) end, function(e) return "caught " .. e end, function() print("always") end)) --> caught no',
    },
    {
      name: 'retry',
      arguments: 'f: function, attempts?: integer, duration?: number, multiplier?: number',
      results: '...: any | nil, error: any',
      summary:
        'Calls `f(attempt)` until it does not raise, at most so often (3), and waits in between (1000), each time longer by the factor (2).',
      units: 'ms',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example:
        'print(error.retry(function(attempt) return attempt > 1 and "done" or error("not yet") end, 3, 1)) --> done',
    },
  ],
  lua,
};
