/** A Lua function as the addon hands it out: opaque to JavaScript. */
export interface NativeFunction {
  readonly kind: 'function';
}

const nativeFunctionMark: unique symbol = Symbol.for('sloth.luaFunction');

/** Tells a native function from a table: by its mark, which no table has, else by having nothing but its kind. */
export function isNativeFunction(value: object): value is NativeFunction {
  if (nativeFunctionMark in value) return true;
  return 'kind' in value && value.kind === 'function' && Object.keys(value).length <= 1;
}
