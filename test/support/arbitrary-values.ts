import fc from 'fast-check';

const isText = (bytes: Uint8Array) => Buffer.compare(Buffer.from(Buffer.from(bytes).toString('utf8')), bytes) === 0;

export const text = fc.oneof(
  fc.string(),
  fc.string({unit: 'binary'}),
  fc.array(fc.integer({min: 0xd7f0, max: 0xe010}), {maxLength: 6}).map((codes) => String.fromCharCode(...codes)),
);
const bytes = fc.uint8Array().filter((array) => !isText(array) && !array.includes(0xed));
const number = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger());
export const wide = fc.bigInt({min: 2n ** 53n, max: 2n ** 63n - 1n}).chain((value) => fc.constantFrom(value, -value));
export const scalar = fc.oneof(
  text,
  bytes,
  number,
  wide,
  fc.boolean(),
  fc.date({noInvalidDate: false}),
  fc.float32Array(),
  fc.int16Array(),
);
export const key = fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.double({noInteger: true, noNaN: true}));

/** Anything that Lua can hold and give back as it was. */
export const {value: anything} = fc.letrec((tie) => ({
  value: fc.oneof(
    {depthSize: 'medium', withCrossShrink: true},
    scalar,
    fc.array(fc.oneof(tie('value'), fc.constant(undefined))),
    fc.dictionary(text, tie('value'), {noNullPrototype: true}),
    fc.array(fc.tuple(key, tie('value'))).map((entries) => new Map(entries)),
    fc.array(key).map((members) => new Set(members)),
  ),
}));
