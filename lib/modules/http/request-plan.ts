import type {Sendable} from '../../sendable.js';
import {didYouMean} from '../../util/did-you-mean.js';
import {parseDuration} from '../../util/parse-duration.js';
import {asText} from '../../util/text-of.js';
import {toJsonText} from './json-text.js';

/** A request, ready to be sent. */
export interface RequestPlan {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Uint8Array | undefined;
  /** For the whole exchange with its redirects, or until the headers are there where the body streams. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly maxRedirects: number;
  /** What a body may hold once it is unpacked. */
  readonly maxBytes: number;
}

export type Options = Readonly<Record<string, Sendable>>;

const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 256 * 2 ** 20;

/** Every option there is. */
export const optionNames = [
  'headers',
  'query',
  'json',
  'form',
  'body',
  'timeout',
  'retries',
  'auth',
  'stream',
  'max_bytes',
  'max_redirects',
] as const;

/**
 * Reads the tables of a call: one of options, or, as older scripts write it, one of headers.
 *
 * @throws TypeError for a table that is both.
 */
export function readOptions(call: string, table: Sendable): Options {
  if (table === undefined) return {};
  if (typeof table !== 'object' || table === null || Array.isArray(table) || !isPlain(table)) {
    throw new TypeError(`${call}: a table of options expected, got ${kindOf(table)}`);
  }
  const names = Object.keys(table);
  const known = names.filter((name) => (optionNames as readonly string[]).includes(name));
  if (known.length === names.length) return table as Options;
  if (known.length === 0 && names.every((name) => isHeaderName(name) && isHeaderValue((table as Options)[name]))) {
    return {headers: table};
  }
  const odd = names.find((name) => !known.includes(name as never)) ?? '';
  const guess = didYouMean(odd, optionNames);
  throw new TypeError(
    `${call}: there is no option '${odd}'${guess ? ` (did you mean '${guess}'?)` : ''}; there are ${optionNames.join(', ')}. Headers go into headers = {...}`,
  );
}

/**
 * Checks a request.
 *
 * @throws TypeError naming the option, what was expected and what came.
 */
export function planRequest(call: string, method: string, address: string, options: Options): RequestPlan {
  const wrong = (name: string, expected: string): TypeError =>
    new TypeError(`${call}: ${name} must be ${expected}, got ${kindOf(options[name])}`);
  const url = readUrl(call, address);
  for (const [name, value] of pairs(options['query'], () => wrong('query', 'a table of texts by name'))) {
    url.searchParams.append(name, value);
  }
  const headers: Record<string, string | string[]> = {'user-agent': 'sloth-runner'};
  readHeaders(call, options['headers'], headers);
  readAuth(options['auth'], headers, () => wrong('auth', '{user =, password =} or {bearer =}'));
  const body = readBody(call, options, headers, wrong);
  const timeoutMs = options['timeout'] === undefined ? defaultTimeoutMs : durationOf(options['timeout']);
  if (timeoutMs === undefined) throw wrong('timeout', 'a duration, such as "10s", or seconds');
  const whole = (name: string, otherwise: number): number => {
    const value = options[name] ?? otherwise;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw wrong(name, 'a whole number of at least 0');
    return value;
  };
  if (options['stream'] !== undefined && typeof options['stream'] !== 'boolean') throw wrong('stream', 'true or false');
  return {
    method: readMethod(call, method),
    url,
    headers,
    body,
    timeoutMs,
    retries: whole('retries', 0),
    maxRedirects: whole('max_redirects', 10),
    maxBytes: whole('max_bytes', defaultMaxBytes),
  };
}

function durationOf(value: Sendable): number | undefined {
  return value === Number.POSITIVE_INFINITY ? 0 : parseDuration(value);
}

function readMethod(call: string, method: string): string {
  if (!/^[A-Za-z]+$/.test(method)) throw new TypeError(`${call}: method must be a word such as GET, got '${method}'`);
  return method.toUpperCase();
}

function readUrl(call: string, address: string): URL {
  const url = parsedUrl(address);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`${call}: a URL that begins with http:// or https:// expected, got '${address}'`);
}

function parsedUrl(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}

function readHeaders(call: string, given: Sendable, headers: Record<string, string | string[]>): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given) || !isPlain(given)) {
    throw new TypeError(`${call}: headers must be a table of texts by name, got ${kindOf(given)}`);
  }
  for (const [name, value] of Object.entries(given)) {
    if (!isHeaderName(name)) throw new TypeError(`${call}: '${name}' cannot be the name of a header`);
    if (!isHeaderValue(value)) {
      throw new TypeError(
        `${call}: header '${name}' must be text without line breaks, or a list of such, got ${kindOf(value)}`,
      );
    }
    headers[name.toLowerCase()] = Array.isArray(value) ? value.map(String) : String(value);
  }
}

function readAuth(auth: Sendable, headers: Record<string, string | string[]>, wrong: () => TypeError): void {
  if (auth === undefined) return;
  const {user, password = '', bearer} = (typeof auth === 'object' && auth !== null ? auth : {}) as Options;
  if (typeof bearer === 'string' && isHeaderValue(bearer)) headers['authorization'] = `Bearer ${bearer}`;
  else if (typeof user === 'string' && typeof password === 'string' && !user.includes(':')) {
    headers['authorization'] = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  } else throw wrong();
}

function readBody(
  call: string,
  options: Options,
  headers: Record<string, string | string[]>,
  wrong: (name: string, expected: string) => TypeError,
): string | Uint8Array | undefined {
  const given = (['json', 'form', 'body'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new TypeError(`${call}: only one of json, form and body, got ${given.join(' and ')}`);
  const withType = (type: string, body: string): string => {
    headers['content-type'] ??= type;
    return body;
  };
  switch (given[0]) {
    case 'json':
      return withType('application/json', toJsonText(options['json'], 'json'));
    case 'form': {
      const fields = pairs(options['form'], () => wrong('form', 'a table of texts by name'));
      return withType('application/x-www-form-urlencoded', new URLSearchParams(fields).toString());
    }
    case 'body': {
      const body = options['body'];
      if (body instanceof Uint8Array || typeof body === 'string') return body;
      if (typeof body === 'number') return String(body);
      throw wrong('body', 'a string; tables go into json = or form =');
    }
    default:
      return undefined;
  }
}

function pairs(table: Sendable, wrong: () => TypeError): [string, string][] {
  if (table === undefined) return [];
  if (typeof table !== 'object' || table === null || Array.isArray(table) || !isPlain(table)) throw wrong();
  // Tables have no order; what is sent should not depend on chance.
  const entries = Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item): [string, string] => {
      const fits =
        typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint';
      if (!fits && !(item instanceof Uint8Array)) throw wrong();
      return [name, asText(item)];
    }),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// RFC 9110, 5.1 and 5.5: a token, and text without control characters.
function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
}

function isHeaderValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => !Array.isArray(item) && isHeaderValue(item));
  if (typeof value === 'number') return true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  return typeof value === 'string' && !/[\x00-\x08\x0a-\x1f\x7f]/.test(value) && !/[^\x00-\xff]/.test(value);
}

/** What Lua calls the kind of a value, and short texts as they are. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string') return value.length <= 40 ? `'${value.replace(/[\r\n]/g, '\\n')}'` : 'a long string';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'a table' : `a ${typeof value}`;
}
