import {stat} from 'node:fs/promises';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {fileProblem} from '../../util/file-problem.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {readOptions} from '../options.js';
import type {ModuleServices} from '../services.js';
import {formatOf, readRecords} from './batches.js';
import {
  decodeJson,
  decodeToml,
  decodeXml,
  decodeYaml,
  encodeJson,
  encodeToml,
  encodeXml,
  encodeYaml,
  utf8,
} from './codecs.js';
import {decodeCsv, encodeCsv} from './csv.js';
import {transform} from './transform.js';

interface Batches {
  readonly records: AsyncGenerator<unknown>;
  readonly size: number;
  count: number;
  given: number;
}

export function create({permissions, onClose}: ModuleServices): Implementations {
  const open = new Map<number, Batches>();
  let lastId = 0;
  const close = async (id: unknown): Promise<true> => {
    const batches = open.get(Number(id));
    open.delete(Number(id));
    await batches?.records.return(undefined);
    return true;
  };
  onClose(async () => {
    for (const id of [...open.keys()]) await close(id);
  });
  const json = (text: Sendable) => decodeJson(utf8(text)) as Sendable;
  const yaml = (text: Sendable) => decodeYaml(utf8(text)) as Sendable;
  const toJson = (value: Sendable) => encodeJson(value);
  const toYaml = (value: Sendable) => encodeYaml(value);
  const fromCsv = (text: Sendable, options: Sendable) => decodeCsv(utf8(text), options) as Sendable;
  const toCsv = (rows: Sendable, options: Sendable) => encodeCsv(rows, options);
  return {
    json_decode: json,
    parse_json: json,
    json_encode: toJson,
    to_json: toJson,
    json_pretty: (value) => encodeJson(value, 2),
    json_validate(text) {
      try {
        decodeJson(utf8(text));
        return true;
      } catch (error) {
        return results(false, (error as Error).message);
      }
    },
    yaml_decode: yaml,
    parse_yaml: yaml,
    yaml_encode: toYaml,
    to_yaml: toYaml,
    yaml_to_json: (text) => encodeJson(decodeYaml(utf8(text))),
    json_to_yaml: (text) => encodeYaml(decodeJson(utf8(text))),
    toml_decode: (text) => decodeToml(utf8(text)) as Sendable,
    toml_encode: (value) => encodeToml(value),
    xml_decode: (text) => decodeXml(utf8(text)) as Sendable,
    xml_encode: (value) => encodeXml(value),
    xml_to_json: (text) => encodeJson(decodeXml(utf8(text))),
    csv_parse: fromCsv,
    csv_decode: fromCsv,
    csv_generate: toCsv,
    csv_encode: toCsv,
    transform: (batch, options) => transform(batch, options),
    async open_batches(path, size, options) {
      const {format} = readOptions(options, {format: 'string'});
      const text = asText(path);
      const real = await permissions.checkPath('read', text);
      const info = await stat(real).catch((error: unknown) => {
        throw new Error(fileProblem(error, text) ?? String(error));
      });
      if (!info.isFile()) throw new Error(`${text}: it is no file`);
      lastId += 1;
      open.set(lastId, {records: readRecords(real, formatOf(text, format)), size: Number(size), count: 0, given: 0});
      return lastId;
    },
    async next_batch(id) {
      const batches = open.get(Number(id));
      if (!batches) return undefined;
      const items: unknown[] = [];
      try {
        while (items.length < batches.size) {
          const {done, value} = await batches.records.next();
          if (done) break;
          items.push(value);
        }
      } catch (error) {
        await close(id);
        throw error;
      }
      if (items.length === 0) {
        await close(id);
        return undefined;
      }
      batches.count += 1;
      const first = batches.given + 1;
      batches.given += items.length;
      return {id: batches.count, items, first, last: batches.given} as unknown as Sendable;
    },
    close_batches: close,
  };
}
