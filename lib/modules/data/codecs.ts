import {XMLBuilder, XMLParser, XMLValidator} from 'fast-xml-parser';
import {parse as parseToml, stringify as stringifyToml} from 'smol-toml';
import {LineCounter, parseDocument, stringify as stringifyYaml} from 'yaml';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import {luaType} from '../options.js';

const deepest = 200;

/** Reads JSON. @throws Error with line and column. */
export function decodeJson(text: string): unknown {
  checkNesting(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${placed(text, (error as Error).message)}`);
  }
}

export function encodeJson(value: unknown, indent?: number): string {
  return JSON.stringify(plain(value, 'JSON'), undefined, indent);
}

/** Reads YAML; aliases are limited, so that they do not grow without end. @throws Error with line and column. */
export function decodeYaml(text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false, uniqueKeys: true});
  const [problem] = document.errors;
  if (problem) {
    const {line, col} = lines.linePos(problem.pos[0]);
    throw new Error(`no YAML: line ${line}, column ${col}: ${problem.message}`);
  }
  const value: unknown = document.toJS({maxAliasCount: 100});
  checkDepth(value, 'YAML');
  return value;
}

export function encodeYaml(value: unknown): string {
  return stringifyYaml(plain(value, 'YAML'), {aliasDuplicateObjects: false});
}

export function decodeToml(text: string): unknown {
  try {
    const value: unknown = parseToml(text, {integersAsBigInt: 'asNeeded', maxDepth: deepest});
    return withoutDates(value);
  } catch (error) {
    throw new Error(`no TOML: ${(error as Error).message.split('\n')[0]}`);
  }
}

export function encodeToml(value: unknown): string {
  const table = plain(value, 'TOML');
  if (!isPlainObject(table)) throw new Error('TOML: a table with names expected, got a list');
  return stringifyToml(table);
}

export function decodeXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text))
    throw new Error('no XML: a document type is not read, since its entities can grow without end');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`no XML: line ${valid.err.line}, column ${valid.err.col}: ${valid.err.msg}`);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    maxNestedTags: deepest,
  });
  const value: unknown = parser.parse(text);
  checkDepth(value, 'XML');
  return value;
}

export function encodeXml(value: unknown): string {
  const builder = new XMLBuilder({ignoreAttributes: false, attributeNamePrefix: '@', suppressBooleanAttributes: false});
  const names = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(names);
    else if (isPlainObject(part)) {
      for (const [name, below] of Object.entries(part)) {
        if (name !== '#text' && !/^@?[A-Za-z_][\w.:-]*$/.test(name))
          throw new Error(`XML: "${name}" is no name of an element`);
        names(below);
      }
    }
  };
  const table = plain(value, 'XML');
  names(table);
  return String(builder.build(table));
}

/** A value of Lua as these formats take it: strings that are bytes, and other things that no text has, are refused. */
export function plain(value: unknown, format: string, path = 'value', depth = 0): unknown {
  if (depth > deepest) throw new Error(`${format}: ${path.slice(0, 80)}... is nested more than ${deepest} deep`);
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (format !== 'YAML' && !Number.isFinite(value)) throw new Error(`${format}: ${path} is ${value}`);
    return value;
  }
  if (typeof value === 'bigint') return format === 'JSON' ? refuse(format, path, 'an integer beyond 2^53') : value;
  if (value instanceof Uint8Array) return refuse(format, path, 'a string that is not UTF-8');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item, index) => plain(item, format, `${path}[${index + 1}]`, depth + 1));
  if (value instanceof Map) {
    return Object.fromEntries(
      [...value].map(([key, item]) => [
        keyText(key, format, path),
        plain(item, format, `${path}.${String(key)}`, depth + 1),
      ]),
    );
  }
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, plain(item, format, `${path}.${key}`, depth + 1)]),
    );
  }
  return refuse(format, path, `a ${luaType(value)}`);
}

function keyText(key: unknown, format: string, path: string): string {
  if (typeof key === 'number' || typeof key === 'string') return String(key);
  throw new Error(`${format}: a key of ${path} is a ${luaType(key)}`);
}

function refuse(format: string, path: string, what: string): never {
  throw new Error(`${format}: ${path} is ${what}`);
}

function checkNesting(text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) {
      depth += 1;
      if (depth > deepest) throw new Error(`no JSON that is read: it is nested more than ${deepest} deep`);
    } else if (code === 93 || code === 125) depth -= 1;
  }
}

function checkDepth(value: unknown, format: string, depth = 0): void {
  if (depth > deepest) throw new Error(`no ${format} that is read: it is nested more than ${deepest} deep`);
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const item of Object.values(value)) checkDepth(item, format, depth + 1);
}

function withoutDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutDates);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutDates(item)]));
}

// V8 tells the position in the text; people count lines.
function placed(text: string, message: string): string {
  const [, position] = /position (\d+)/.exec(message) ?? [];
  const at = position === undefined ? text.length : Number(position);
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${message.replace(/ in JSON at position.*$|, "[\s\S]*$/, '')}`;
}

/** Text that a program gave, which must be UTF-8. */
export function utf8(value: unknown): string {
  if (value instanceof Uint8Array) throw new Error('text: UTF-8 expected, got other bytes');
  return asText(value);
}
