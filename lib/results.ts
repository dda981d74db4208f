import type {Sendable} from './sendable.js';

/** Several results of one host function; made by {@link results}. */
export class Results {
  readonly values: readonly Sendable[];

  constructor(values: readonly Sendable[]) {
    this.values = values;
  }
}

/**
 * Lets a host function return several values, as Lua functions do. (An array would be one value: a table.)
 *
 * @example
 * ```ts
 * const divide = (a: number, b: number) => (b === 0 ? results(undefined, 'division by zero') : a / b);
 * await runtime.run('local value, problem = divide(1, 0) print(problem)', {globals: {divide}});
 * ```
 */
export function results(...values: Sendable[]): Results {
  return new Results(values);
}
