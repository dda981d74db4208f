import type {ModuleDeclaration} from '../declaration.js';
import lua from './flow.lua';

/** Calls that are held back: circuit breakers and rate limits, one of a name in a runtime. */
export const flow: ModuleDeclaration = {
  name: 'flow',
  functions: [
    {
      name: 'circuit_breaker',
      arguments:
        'name: string, f: function, options?: {failure_threshold?: integer, recovery_timeout?: string | number, half_open_requests?: integer}',
      results: '...: any | nil, error: any',
      summary:
        'Calls f unless the circuit is open: after failures in a row (5) it stays open for a time (60s), then lets calls (1) try. A raise, `nil` or `false` first, and a result with `success == false` are failures.',
      units: 's',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example: `local function broken() error("down", 0) end
print(flow.circuit_breaker("shop", broken, {failure_threshold = 1})) --> nil down
print(flow.circuit_breaker("shop", broken)) --> nil circuit 'shop' is open`,
    },
    {
      name: 'rate_limit',
      arguments: 'name: string, per_second: number, f: function || per_second: number, f: function',
      results: '...: any',
      summary:
        'Waits its turn and calls f: so many calls a second of that name, or else from this line, on all islands together.',
      since: '1.0',
      inLua: true,
      callsArguments: true,
      passesOn: true,
      example: 'print(flow.rate_limit("api", 100, function() return "called" end)) --> called',
    },
  ],
  lua,
  internals: ['enter', 'leave', 'reserve'],
  load: () => import('./functions.js'),
};
