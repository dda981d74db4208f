import {type ModuleDeclaration, timeLimit} from '../declaration.js';
import lua from './async.lua';

/** Functions that run at once. In task files these describe stages while the file is loaded. */
export const async: ModuleDeclaration = {
  name: 'async',
  functions: [
    {
      name: 'parallel',
      arguments: 'functions: table, most?: integer',
      results: 'results: table, errors: table | results: table, errors: nil',
      summary:
        'Calls every function of a map or list in a goroutine of its own, at most so many at once, and gives the first result of each and the errors by their keys.',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      example: `local results, errors = async.parallel({a = function() return 1 end, b = function() error("no", 0) end}, 2)
print(results.a, results.b, errors.b) --> 1 nil no`,
    },
    {
      name: 'sequence',
      arguments: 'functions: function[]',
      results: 'results: table, error: any',
      summary:
        'Calls the functions of a list one after the other, each with the result of the one before; ends with the first error.',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example: 'print(async.sequence({function() return 2 end, function(n) return n * 3 end})[2]) --> 6',
    },
    {
      name: 'timeout',
      arguments: `duration: ${timeLimit}, f: function, ...: any`,
      results: '...: any | nil, error: any',
      summary: 'Calls f in a goroutine of its own and stops it when the time is over.',
      units: 's',
      errors: 'raises for a duration that is none',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      example: `print(async.timeout("10s", function() return "in time" end)) --> in time
print(async.timeout(0.01, channel.sleep, 60)) --> nil timeout exceeded`,
    },
    {
      name: 'sleep',
      arguments: `duration: ${timeLimit}`,
      results: 'nil | true | false, message: string',
      summary: 'Waits.',
      units: 's',
      errors: 'raises for a duration that is none',
      since: '1.0',
      inLua: true,
      example: 'async.sleep("1ms") print("awake") --> awake',
    },
  ],
  lua,
  internals: ['milliseconds'],
  load: () => import('./functions.js'),
};
