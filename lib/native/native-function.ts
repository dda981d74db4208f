/** A Lua function as the addon hands it out: opaque to JavaScript. */
export interface NativeFunction {
  readonly kind: 'function';
}

/** The addon gives every function handle this property. */
export const nativeFunctionMark: unique symbol = Symbol.for('sloth.luaFunction');

/** Tells a native function from a table: by its mark, which no table has. */
export function isNativeFunction(value: object): value is NativeFunction {
  return nativeFunctionMark in value;
}
