import {SlothError} from './errors.js';

/** How values of Lua become values of JavaScript where there is a choice. */
export interface ValueOptions {
  /**
   * What a string of Lua becomes. `auto`: a string where it is UTF-8, else its bytes as a `Uint8Array`. `utf8`: always a string;
   * what is not UTF-8 is replaced by U+FFFD. `bytes`: always a `Uint8Array` (keys of tables remain strings where they are UTF-8).
   * Default: `auto`.
   */
  readonly strings?: 'auto' | 'utf8' | 'bytes' | undefined;
  /** What an empty table becomes if nothing marks it: `{}` or `[]`. Default: `object`. */
  readonly emptyTables?: 'object' | 'array' | undefined;
  /** `keep`: `null` crosses as `luaNull` and comes back as `null`. `nil`: it is nil, as `undefined` is. Default: `nil`. */
  readonly nulls?: 'nil' | 'keep' | undefined;
}

/** The same with every choice made. */
export type ValueRules = {readonly [Name in keyof ValueOptions]-?: NonNullable<ValueOptions[Name]>};

const choices: {readonly [Name in keyof ValueRules]: readonly ValueRules[Name][]} = {
  strings: ['auto', 'utf8', 'bytes'],
  emptyTables: ['object', 'array'],
  nulls: ['nil', 'keep'],
};

export const defaultRules: ValueRules = {strings: 'auto', emptyTables: 'object', nulls: 'nil'};

/**
 * Makes the choices that the options leave open as `defaults` does.
 *
 * @throws SlothError `E_VALUE` for a choice there is not.
 */
export function valueRules(options: ValueOptions, defaults: ValueRules = defaultRules): ValueRules {
  const {strings, emptyTables, nulls} = options;
  if (strings === undefined && emptyTables === undefined && nulls === undefined) return defaults;
  return {
    strings: choose('strings', strings, defaults),
    emptyTables: choose('emptyTables', emptyTables, defaults),
    nulls: choose('nulls', nulls, defaults),
  };
}

function choose<Name extends keyof ValueRules>(
  name: Name,
  wanted: ValueRules[Name] | undefined,
  defaults: ValueRules,
): ValueRules[Name] {
  if (wanted === undefined) return defaults[name];
  if (choices[name].includes(wanted)) return wanted;
  throw new SlothError('E_VALUE', `${name} must be one of ${choices[name].join(', ')}, got ${String(wanted)}`);
}
