/**
 * The bytes of values between JavaScript and Lua: the tags of native/data/host_format.h, which says what follows each.
 * The two lists are one; the addon refuses what does not fit.
 */
export const tag = {
  nil: 0,
  false: 1,
  true: 2,
  int32: 3,
  integer: 4,
  int64: 5,
  float: 6,
  shortText: 7,
  ascii: 8,
  text: 9,
  bytes: 10,
  same: 11,
  handle: 12,
  date: 13,
  list: 14,
  holes: 15,
  record: 16,
  map: 17,
  set: 18,
  firstTypedArray: 19,
} as const;

/** Values nested deeper do not cross. */
export const deepest = 10_000;

/** Bytes at the beginning of a message: how many values and how many objects it has. */
export const headerBytes = 8;
