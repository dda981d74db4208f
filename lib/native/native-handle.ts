/** Something of Lua that JavaScript holds by reference, as the addon hands it out: opaque, but for what it is. */
export interface NativeHandle {
  /** As Lua's `tostring` names it: `Lua function`, `channel`, `wait group`, `mutex`, ... */
  readonly kind: string;
  /** What it allows. Only channels have views other than `full`. */
  readonly view: 'full' | 'send' | 'receive';
}

/** A handle of a Lua function. */
export type NativeFunction = NativeHandle;
