import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  randomInt,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import {promisify} from 'node:util';
import type {Sendable} from '../../sendable.js';
import {didYouMean} from '../../util/did-you-mean.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {readOptions} from '../options.js';

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512'];
const nonceBytes = 12;
const tagBytes = 16;
const mostBytes = 1 << 20;
const letters = 'abcdefghijklmnopqrstuvwxyz';
const lettersAndDigits = `${letters}${letters.toUpperCase()}0123456789`;
const deriveKey = promisify<Buffer, Buffer, number, Buffer>(scrypt);
const symbols = '!#$%&*+-./:=?@^_~';

/** The functions of `crypto`. What stands in them is the same for every runtime. */
export function create(): Implementations {
  const digest = (algorithm: string) => (data: Sendable) => createHash(algorithm).update(bytesOf(data)).digest('hex');
  return {
    hash: (algorithm, data) => digest(known(algorithm))(data),
    md5: digest('md5'),
    sha1: digest('sha1'),
    sha256: digest('sha256'),
    sha384: digest('sha384'),
    sha512: digest('sha512'),
    hmac: (algorithm, key, data) => createHmac(known(algorithm), bytesOf(key)).update(bytesOf(data)).digest('hex'),
    equal: (a, b) => {
      const [left, right] = [sha256(a), sha256(b)];
      return timingSafeEqual(left, right);
    },
    base64_encode(data, given) {
      const {url = false} = readOptions(given, {url: 'boolean'});
      return bytesOf(data).toString(url ? 'base64url' : 'base64');
    },
    base64_decode: (text) => decodeBase64(asText(text)),
    hex_encode: (data) => bytesOf(data).toString('hex'),
    hex_decode(given) {
      const text = asText(given);
      const at = text.search(/[^0-9a-fA-F]/);
      if (at >= 0) throw new Error(`no hex: ${JSON.stringify(text[at])} at ${at + 1}`);
      if (text.length % 2 !== 0) throw new Error(`no hex: its length, ${text.length}, is odd`);
      return Buffer.from(text, 'hex');
    },
    uuid: () => randomUUID(),
    random_bytes: (n) => randomBytes(count(n, 'bytes')),
    random_int(least, most) {
      const [from, to] = [Number(least), Number(most)];
      if (from > to) throw new Error(`${from} is more than ${to}`);
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to - from >= 2 ** 48 - 1) {
        throw new Error('the integers must be less than 2^48 apart, and each below 2^53');
      }
      return randomInt(from, to + 1);
    },
    random_string(n, alphabet) {
      const characters = [...(alphabet === undefined ? lettersAndDigits : asText(alphabet))];
      if (characters.length < 2) throw new Error('alphabet: at least 2 characters expected');
      return Array.from({length: count(n, 'characters')}, () => pick(characters)).join('');
    },
    generate_password(n, given) {
      const {symbols: withSymbols = true} = readOptions(given, {symbols: 'boolean'});
      const length = n === undefined ? 20 : Number(n);
      if (!(length >= 8 && length <= 1024)) throw new Error(`8 to 1,024 characters expected, got ${length}`);
      return password(length, withSymbols);
    },
    async derive_key(secret, salt, bytes) {
      const length = bytes === undefined ? 32 : Number(bytes);
      if (!(length >= 16 && length <= 64)) throw new Error(`16 to 64 bytes expected, got ${length}`);
      return deriveKey(bytesOf(secret), bytesOf(salt), length);
    },
    aes_encrypt(data, key, given) {
      const {aad} = readOptions(given, {aad: 'bytes'});
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(cipherFor(key), bytesOf(key), nonce, {authTagLength: tagBytes});
      if (aad !== undefined) cipher.setAAD(bytesOf(aad));
      return Buffer.concat([nonce, cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag()]).toString(
        'base64',
      );
    },
    aes_decrypt(text, key, given) {
      const {aad} = readOptions(given, {aad: 'bytes'});
      const sealed = decodeBase64(asText(text));
      const name = cipherFor(key);
      if (sealed.length < nonceBytes + tagBytes) throw new Error('too short for what aes_encrypt gives');
      const decipher = createDecipheriv(name, bytesOf(key), sealed.subarray(0, nonceBytes), {authTagLength: tagBytes});
      if (aad !== undefined) decipher.setAAD(bytesOf(aad));
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
      const opened = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
      try {
        return Buffer.concat([opened, decipher.final()]);
      } catch {
        throw new Error('the key or `aad` is another one, or somebody changed the text');
      }
    },
  };
}

function bytesOf(value: Sendable): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(asText(value));
}

function sha256(value: Sendable): Buffer {
  return createHash('sha256').update(bytesOf(value)).digest();
}

function known(algorithm: Sendable): string {
  const name = asText(algorithm).toLowerCase();
  if (algorithms.includes(name)) return name;
  const meant = didYouMean(name, algorithms);
  const cure = meant === undefined ? `known: ${algorithms.join(', ')}` : `did you mean '${meant}'?`;
  throw new Error(`there is no algorithm '${asText(algorithm)}'; ${cure}`);
}

function decodeBase64(text: string): Buffer {
  const [, digits = '', padding = ''] = /^([^=]*)(=*)$/.exec(text.replace(/\s+$/, '')) ?? ['', text];
  const at = digits.search(/[^A-Za-z0-9+/_-]/);
  if (at >= 0) throw new Error(`no Base64: ${JSON.stringify(digits[at])} at ${at + 1}`);
  const missing = (4 - (digits.length % 4)) % 4;
  if (missing === 3 || (padding !== '' && padding.length !== missing))
    throw new Error('no Base64: it does not end as Base64 does');
  return Buffer.from(digits, 'base64');
}

function count(given: Sendable, things: string): number {
  const n = Number(given);
  if (n >= 0 && n <= mostBytes) return n;
  throw new Error(`0 to 1,048,576 ${things} expected, got ${n}`);
}

function pick(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] as string;
}

// One of each kind at least, in places that say nothing.
function password(length: number, withSymbols: boolean): string {
  const kinds = [letters, letters.toUpperCase(), '0123456789', ...(withSymbols ? [symbols] : [])].map((kind) => [
    ...kind,
  ]);
  for (;;) {
    const characters = Array.from({length}, () => pick(kinds.flat()));
    if (kinds.every((kind) => characters.some((character) => kind.includes(character)))) return characters.join('');
  }
}

function cipherFor(key: Sendable): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  const {length} = bytesOf(key);
  if (length === 16) return 'aes-128-gcm';
  if (length === 24) return 'aes-192-gcm';
  if (length === 32) return 'aes-256-gcm';
  throw new Error(`key: 16, 24 or 32 bytes expected, got ${length}; crypto.derive_key makes one of a password`);
}
