// What the host must understand of values as the Lua part writes them (state.lua).

/** Text of bytes, one character each. */
export function latin(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array)).toString('latin1');
}

/** The sum of two numbers; an integer where both are. @throws Error where one is none. */
export function sum(key: string, before: string, amount: string): string {
  const first = before === '' ? 'i0' : before;
  if (!/^[in]/.test(first)) throw new Error(`${key}: a number expected, got ${kindName(first)}`);
  if (first[0] === 'i' && amount[0] === 'i') {
    return `i${BigInt.asIntN(64, BigInt(first.slice(1)) + BigInt(amount.slice(1)))}`;
  }
  return `n${hexFloat(numberOf(first) + numberOf(amount))}`;
}

/** A longer string. @throws Error where the value is none. */
export function joined(key: string, before: string, more: string): string {
  const first = before === '' ? 's' : before;
  if (first[0] !== 's') throw new Error(`${key}: a string expected, got ${kindName(first)}`);
  return first + more;
}

/** The elements of a list. @throws Error where the value is none. */
export function elements(key: string, value: string): string[] {
  if (value === '' || value === 'T') return [];
  if (value[0] !== 'L') throw new Error(`${key}: a list expected, got ${kindName(value)}`);
  const parts: string[] = [];
  for (let at = 1; at < value.length; ) {
    const colon = value.indexOf(':', at);
    const end = colon + 1 + Number(value.slice(at, colon));
    parts.push(value.slice(colon + 1, end));
    at = end;
  }
  return parts;
}

export function listOfElements(parts: readonly string[]): string {
  return parts.length === 0 ? 'T' : `L${parts.map((part) => `${part.length}:${part}`).join('')}`;
}

function kindName(value: string): string {
  return (
    {s: 'a string', t: 'a boolean', f: 'a boolean', i: 'a number', n: 'a number', L: 'a list', T: 'a table'}[
      value[0] ?? ''
    ] ?? 'nil'
  );
}

function numberOf(value: string): number {
  const text = value.slice(1);
  if (value[0] === 'i') return Number(text);
  if (/inf|nan/.test(text))
    return text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number.NaN;
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)0x([\da-f]+)(?:\.([\da-f]*))?p([+-]?\d+)$/i.exec(text) ?? [];
  const mantissa = Number(BigInt(`0x${whole}${fraction}`));
  return (sign === '-' ? -1 : 1) * mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
}

// As Lua's %a writes it, or near enough for Lua to read.
function hexFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0x0p+0' : '0x0p+0';
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))) - 52, -1074);
  const mantissa = BigInt(Math.round(Math.abs(value) / 2 ** exponent));
  return `${value < 0 ? '-' : ''}0x${mantissa.toString(16)}p${exponent}`;
}
