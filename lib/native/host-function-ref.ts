const hostFunctionMark: unique symbol = Symbol.for('sloth.hostFunction');

/** What stands for a JavaScript function on its way into Lua; the addon knows it by its mark and `hostId`. */
export class HostFunctionRef {
  readonly hostId: number;
  readonly name: string;
  readonly [hostFunctionMark] = true;

  constructor(hostId: number, name: string) {
    this.hostId = hostId;
    this.name = name;
  }
}

/** True for such a reference, ours or as the addon sends it back. */
export function isHostFunctionRef(value: object): value is HostFunctionRef {
  return hostFunctionMark in value;
}
