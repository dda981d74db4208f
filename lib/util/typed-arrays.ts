/**
 * The typed arrays that are lists of numbers elsewhere; Uint8Array is a string there, and not among them. In Lua's messages the first
 * has the tag `firstTypedArray`: their order is that of the format.
 */
export const typedArrays = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
