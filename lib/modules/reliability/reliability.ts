import type {ModuleDeclaration} from '../declaration.js';
import lua from './reliability.lua';

const since = '1.0';
const strategy = {
  FIXED_DELAY: 'fixed',
  LINEAR_BACKOFF: 'linear',
  EXPONENTIAL_BACKOFF: 'exponential',
  CUSTOM_BACKOFF: 'custom',
};

/** Trying again, and not trying. A call fails when it raises, and when `nil` or `false` is its first result. */
export const reliability: ModuleDeclaration = {
  name: 'reliability',
  functions: [
    {
      name: 'retry',
      arguments: 'attempts: integer, duration: number, f: function',
      results: '...: any | nil, error: any',
      summary: 'Calls `f(attempt)` until it succeeds, at most so often, and waits in between.',
      units: 's',
      since,
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example: 'print(reliability.retry(3, 0.001, function(attempt) return attempt == 2 and "second" end)) --> second',
    },
    {
      name: 'retry_with_config',
      arguments:
        'config: {max_attempts?: integer, initial_delay?: number, max_delay?: number, strategy?: string, multiplier?: number, jitter?: number | boolean, delay?: function, on_retry?: function}, f: function',
      results: '...: any | nil, error: any',
      summary:
        'As `reliability.retry`, with a strategy: `fixed`, `linear`, `exponential` or `custom`, where `delay(attempt)` tells the seconds; `on_retry(attempt, error, delay)` is called before each wait.',
      units: 's',
      errors: 'raises for an option that is wrong',
      since,
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example: `print(reliability.retry_with_config({max_attempts = 2, initial_delay = 0.001, strategy = reliability.strategy.FIXED_DELAY,
  on_retry = function(attempt, problem) print(attempt, problem) end}, function(attempt) return attempt > 1, "not yet" end)) --> true not yet`,
    },
    {
      name: 'circuit_breaker',
      arguments:
        'name: string, options: {max_failures?: integer, timeout?: string | number, success_threshold?: integer, on_state_change?: function}, f: function',
      results: '...: any | nil, error: any',
      summary:
        'As `flow.circuit_breaker`, and the same breakers; `on_state_change(name, from, to)` is called when this call changed it.',
      units: 's',
      errors: 'raises for an option that is wrong',
      since,
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example:
        'print(reliability.circuit_breaker("db", {max_failures = 3, timeout = 30}, function() return "row" end)) --> row',
    },
    {
      name: 'get_circuit_stats',
      arguments: 'name: string',
      results: 'stats: table | nil',
      summary: 'Tells of a breaker: `state`, `failures`, `successes`, `requests`, `rejected`.',
      since,
      example: 'print(reliability.get_circuit_stats("no such")) --> nil',
    },
    {
      name: 'reset_circuit',
      arguments: 'name: string',
      results: 'boolean',
      summary: 'Closes a breaker and forgets its failures.',
      since,
      example: 'print(reliability.reset_circuit("no such")) --> false',
    },
    {
      name: 'list_circuits',
      arguments: '',
      results: 'names: string[]',
      summary: 'Lists the breakers of the runtime.',
      since,
      example: 'print(#reliability.list_circuits() >= 0) --> true',
    },
  ],
  constants: {strategy},
  lua,
  load: () => import('./functions.js'),
};
