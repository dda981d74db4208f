import {results} from '../../results.js';
import {parseDuration} from '../../util/parse-duration.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {readOptions} from '../options.js';
import type {ModuleServices, RunnerConfig} from '../services.js';
import {type BreakerOptions, type CallOutcome, CircuitBreakers} from './circuit-breakers.js';
import {RateLimits} from './rate-limits.js';

/** The breakers that a runtime's modules and its tasks share. */
export function breakersOf(services: ModuleServices): CircuitBreakers {
  return services.shared('circuit breakers', () => new CircuitBreakers(services.events));
}

export function create(services: ModuleServices): Implementations {
  const breakers = breakersOf(services);
  const limits = services.shared('rate limits', () => new RateLimits());
  return {
    enter(name, options, now) {
      const text = asText(name);
      const epoch = breakers.enter(text, breakerOptions(options ?? configured(services.config(), text)), Number(now));
      return epoch ?? results(undefined, `circuit '${text}' is open`);
    },
    leave(name, epoch, outcome, now) {
      breakers.leave(asText(name), Number(epoch), asText(outcome) as CallOutcome, Number(now));
    },
    reserve: (name, perSecond, now) => limits.reserve(asText(name), Number(perSecond), Number(now)),
  };
}

function configured({circuit_breakers: all}: RunnerConfig, name: string): unknown {
  if (!isPlainObject(all)) return undefined;
  return (Object.hasOwn(all, name) ? all[name] : undefined) ?? all['default'];
}

function breakerOptions(given: unknown): BreakerOptions {
  const {failure_threshold, recovery_timeout, half_open_requests} = readOptions(given, {
    failure_threshold: 'integer',
    recovery_timeout: 'any',
    half_open_requests: 'integer',
  });
  return {
    failureThreshold: positive('failure_threshold', failure_threshold ?? 5),
    recoveryMs: milliseconds('recovery_timeout', recovery_timeout ?? '60s'),
    halfOpenRequests: positive('half_open_requests', half_open_requests ?? 1),
  };
}

/** @throws Error for a number below 1. */
export function positive(name: string, value: number): number {
  if (value >= 1) return value;
  throw new Error(`option '${name}': an integer of at least 1 expected, got ${value}`);
}

/** Milliseconds of a duration option. @throws Error for what is none. */
export function milliseconds(name: string, value: unknown): number {
  const ms = parseDuration(value);
  if (ms === undefined)
    throw new Error(`option '${name}': seconds or a duration such as "10s" expected, got ${JSON.stringify(value)}`);
  return ms;
}
