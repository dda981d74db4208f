/** The type of {@link luaNull}. */
export interface LuaNull {
  readonly [luaNullMark]: true;
}

declare const luaNullMark: unique symbol;

/**
 * A null that stays a value in Lua, where `nil` would leave a hole. In Lua it is a userdata that is equal to itself alone,
 * counts as true and prints as `null`; it comes back as this constant. With the option `nulls: 'keep'` plain `null` does the
 * same both ways.
 *
 * @example
 * ```ts
 * const rows = [[1, luaNull, 3]];
 * await runtime.run('local rows, null = ... print(#rows[1], rows[1][2] == null)', {args: [rows, luaNull]}); // 3 true
 * ```
 */
export const luaNull: LuaNull = Object.freeze(
  Object.create(null, {[Symbol.toStringTag]: {value: 'luaNull'}}),
) as LuaNull;

/**
 * A number that is a float in Lua also where it has no fraction: `new LuaFloat(1)` is `1.0`, while `1` is the integer `1`.
 */
export class LuaFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = Number(value);
  }

  /** The number. */
  valueOf(): number {
    return this.value;
  }
}
