/** A channel, wait group or other handle as the addon hands it out. */
export interface NativeHandle {
  /** As Lua's `tostring` names it: `channel`, `wait group`, `mutex`, ... */
  readonly kind: string;
  /** What it allows. Only channels have views other than `full`. */
  readonly view: 'full' | 'send' | 'receive';
}

const nativeHandleMark: unique symbol = Symbol.for('sloth.handle');

/** Tells such a handle from a table: by its mark, which no table has. */
export function isNativeHandle(value: object): value is NativeHandle {
  return nativeHandleMark in value;
}
