import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {dirname, extname, join, resolve} from 'node:path';
import {SlothError} from '../../errors.js';
import type {Runtime} from '../../runtime.js';
import type {Sendable} from '../../sendable.js';
import {DefinedTable, type DefinedValue} from '../../task/reading/definition.js';
import {textOf} from '../../util/text-of.js';
import {isTable} from './read-assignments.js';

const defaultNames = ['sloth.config.lua', 'sloth.config.yaml', 'sloth.config.yml'];

/** What a `--config` file says. */
export interface ReadConfig {
  readonly value: DefinedValue;
  readonly path: string;
}

/**
 * Reads a file of `runner_config` keys: YAML, or Lua that returns a table or assigns `runner_config`. Without `path`, the file
 * `sloth.config.lua` or `.yaml` beside the task file, if there is one. A `$schema`, by which editors check it, is no setting.
 *
 * @throws SlothError `E_FILE` when it cannot be read, `E_VALUE` when it holds no table; what Lua raised.
 */
export async function readConfig(
  runtime: Runtime,
  taskFile: string,
  path: string | undefined,
): Promise<ReadConfig | undefined> {
  const folder = taskFile === '-' ? '.' : dirname(resolve(taskFile));
  const found = path ?? defaultNames.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (found === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(found, 'utf8');
  } catch (error) {
    throw new SlothError('E_FILE', `the config ${found} cannot be read: ${textOf(error)}`, {cause: error});
  }
  const value = extname(found) === '.lua' ? await readLua(runtime, text, found) : await readYaml(text, found);
  if (!isTable(value)) throw new SlothError('E_VALUE', `the config ${found} holds no table of settings`);
  const {$schema, ...settings} = value;
  if ($schema !== undefined && typeof $schema !== 'string')
    throw new SlothError('E_VALUE', `the config ${found}: $schema names a JSON Schema, so it must be a text`);
  return {value: definedOf(settings), path: found};
}

// With a global of its own to assign to, so that the same text may stand in a task file.
async function readLua(runtime: Runtime, text: string, path: string): Promise<Sendable> {
  const wrapped = `local load, text, name = load, ...
    local globals = setmetatable({}, {__index = _G})
    local value = assert(load(text, name, "t", globals))()
    return value or globals.runner_config`;
  const [value] = await runtime.run(wrapped, {args: [text, `@${path}`], chunkName: '=[config]'});
  return value;
}

async function readYaml(text: string, path: string): Promise<Sendable> {
  const {parseDocument} = await import('yaml');
  const document = parseDocument(text, {prettyErrors: true});
  const [problem] = document.errors;
  if (problem) throw new SlothError('E_VALUE', `the config ${path}: ${problem.message}`);
  return (document.toJS() ?? {}) as Sendable;
}

function definedOf(value: Sendable): DefinedValue {
  if (Array.isArray(value)) return new DefinedTable(value.map(definedOf), {});
  if (!isTable(value)) return value as DefinedValue;
  const map: Record<string, DefinedValue> = Object.create(null);
  for (const [name, item] of Object.entries(value)) map[name] = definedOf(item);
  return new DefinedTable([], map);
}
