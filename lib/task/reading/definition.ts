import type {LuaFunction} from '../../lua-function.js';
import type {Sendable} from '../../sendable.js';
import {DefinedFunction} from '../defined-function.js';
import type {Place, Problem} from '../problem.js';

/** What stands in a definition: data, functions, and other definitions. */
export type DefinedValue =
  | undefined
  | boolean
  | number
  | string
  | DefinedFunction
  | DefinedTable
  | Definition
  | Foreign;

/** A Lua table: what stands at 1 to n, and everything else by name. */
export class DefinedTable {
  readonly list: readonly DefinedValue[];
  readonly map: Readonly<Record<string, DefinedValue>>;

  constructor(list: readonly DefinedValue[], map: Readonly<Record<string, DefinedValue>>) {
    this.list = list;
    this.map = map;
  }

  /** It has neither elements nor keys. */
  get isEmpty(): boolean {
    return this.list.length === 0 && Object.keys(this.map).length === 0;
  }

  /** It has no keys: a list, or empty. */
  get isList(): boolean {
    return Object.keys(this.map).length === 0;
  }

  /** It has no elements: a map, or empty. */
  get isMap(): boolean {
    return this.list.length === 0;
  }
}

/** Something that cannot stand in a definition: `a thread`. */
export class Foreign {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/** One thing that was said of a definition: `:timeout("10s")`, or `timeout = "10s"` in its table. */
export interface Entry extends Place {
  readonly key: string;
  readonly form: 'method' | 'key';
  readonly args: readonly DefinedValue[];
}

/** What a file defines by a builder. */
export type DefinitionKind = 'task' | 'workflow' | 'group' | 'chain' | 'parallel' | 'when';

/** All that was said of one task, workflow, ..., in order. */
export class Definition implements Place {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly entries: Entry[] = [];

  constructor(kind: DefinitionKind, name: string, place: Place) {
    this.kind = kind;
    this.name = name;
    this.file = place.file;
    this.line = place.line;
  }
}

/** All that a task file and its imports said, not judged yet. */
export interface Definitions {
  /** In order. */
  readonly all: readonly Definition[];
  /** `runner_config`. */
  readonly config: DefinedValue;
  /** Paths of imported files. */
  readonly imports: readonly string[];
  /** What was wrong with how it was said. */
  readonly problems: readonly Problem[];
}

type Table = Readonly<Record<string, Sendable>>;

/** Reads what the builders' `describe` answered. */
export function readDefinitions(answer: Sendable): Definitions {
  const {records, config, imports, problems} = answer as Table;
  const tables = tablesIn(records);
  const all = tables.map(
    (table) => new Definition(table['kind'] as DefinitionKind, String(table['name']), placeOf(table)),
  );
  for (const [index, table] of tables.entries()) {
    for (const entry of tablesIn(table['entries'])) {
      all[index]?.entries.push({
        key: String(entry['key']),
        form: entry['form'] as Entry['form'],
        args: listOf(entry['args']).map((value) => readValue(value, all)),
        ...placeOf(entry),
      });
    }
  }
  return {
    all,
    config: readValue(config, all),
    imports: listOf(imports).map(String),
    problems: tablesIn(problems).map((table) => ({...placeOf(table), message: String(table['message'])})),
  };
}

function readValue(value: Sendable, definitions: readonly Definition[]): DefinedValue {
  if (typeof value !== 'object' || value === null) return value as DefinedValue;
  const table = value as Table;
  switch (table['t']) {
    case 'n':
      return undefined;
    case 'f':
      return new DefinedFunction({
        ...placeOf(table),
        lastLine: Number(table['last']),
        takes: table['takes'] as DefinedFunction['takes'],
        call: table['call'] as LuaFunction,
      });
    case 'r':
      return definitions[Number(table['id']) - 1];
    case 't':
      return readTable(table, definitions);
    default:
      return new Foreign(String(table['what']));
  }
}

function readTable(table: Table, definitions: readonly Definition[]): DefinedTable {
  const values = listOf(table['v']).map((value) => readValue(value, definitions));
  const map: Record<string, DefinedValue> = Object.create(null);
  for (const [index, key] of listOf(table['k']).entries()) map[String(key)] = values[index];
  return new DefinedTable(
    listOf(table['l']).map((value) => readValue(value, definitions)),
    map,
  );
}

function placeOf(table: Table): Place {
  return {file: String(table['file']), line: Number(table['line'])};
}

// An empty Lua table arrives as an empty object.
function listOf(value: Sendable): readonly Sendable[] {
  return Array.isArray(value) ? value : [];
}

function tablesIn(value: Sendable): readonly Table[] {
  return listOf(value) as readonly Table[];
}
