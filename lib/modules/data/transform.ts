import {promisify} from 'node:util';
import * as zlib from 'node:zlib';
import type {Sendable} from '../../sendable.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import {type Check, checkOfSchema} from '../json-schema.js';
import {listOf, luaType, readOptions} from '../options.js';
import {encodeJson, encodeYaml} from './codecs.js';
import {encodeCsv} from './csv.js';

/** Writes the items of a batch, or a list. @throws Error that names the record. */
export async function transform(batch: unknown, given: unknown): Promise<string | Uint8Array> {
  const {
    format = 'json',
    validation,
    compression,
  } = readOptions(given, {format: 'string', validation: 'any', compression: 'any'});
  const items = listOf(isPlainObject(batch) && batch['items'] !== undefined ? batch['items'] : batch);
  if (!items) throw new Error(`a batch or a list expected, got a ${luaType(batch)} with names`);
  const check = checkOf(validation);
  for (const [index, item] of items.entries()) {
    const [problem] = check(item as Sendable);
    if (problem !== undefined) throw new Error(`record ${index + 1}: ${problem}`);
  }
  return compress(write(items, format), compression);
}

function checkOf(validation: unknown): Check {
  if (validation === undefined || validation === false) return () => [];
  if (validation === true) return isPlainRecord;
  if (!isPlainObject(validation)) {
    throw new Error(`option 'validation': true or a JSON Schema expected, got ${luaType(validation)}`);
  }
  return checkOfSchema(validation as Sendable, "option 'validation'");
}

function isPlainRecord(item: unknown): readonly string[] {
  if (!isPlainObject(item)) return [`a table with names expected, got ${luaType(item)}`];
  return Object.entries(item)
    .filter(([, value]) => typeof value === 'function' || value instanceof Uint8Array)
    .map(([key]) => `'${key}' is no plain value`);
}

function write(items: readonly unknown[], format: string): string {
  const each = (encode: (item: unknown) => string): string[] =>
    items.map((item, index) => {
      try {
        return encode(item);
      } catch (error) {
        throw new Error(`record ${index + 1}: ${(error as Error).message}`);
      }
    });
  switch (format) {
    case 'json':
      return `[${each((item) => encodeJson(item)).join(',')}]`;
    case 'jsonl':
      return each((item) => `${encodeJson(item)}\n`).join('');
    case 'csv':
      return encodeCsv(items, undefined);
    case 'yaml':
      return encodeYaml(items);
    default:
      throw new Error(`option 'format': json, jsonl, csv or yaml expected, got '${format}'`);
  }
}

async function compress(text: string, compression: unknown): Promise<string | Uint8Array> {
  if (compression === undefined || compression === false) return text;
  const name =
    compression === true ? 'gzip' : typeof compression === 'string' ? asText(compression) : luaType(compression);
  if (name === 'gzip') return promisify(zlib.gzip)(text);
  // Node has it from 22.15 on.
  const zstd = (zlib as {zstdCompress?: (text: string, done: (error: Error | null, bytes: Uint8Array) => void) => void})
    .zstdCompress;
  if (name === 'zstd' && zstd) return promisify(zstd)(text);
  if (name === 'zstd')
    throw new Error(`option 'compression': zstd needs Node.js 22.15, this is ${process.version}; gzip is there`);
  throw new Error(`option 'compression': true, 'gzip' or 'zstd' expected, got '${name}'`);
}
