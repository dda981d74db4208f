import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';
import lua from './data.lua';

const since = '1.0';
const limits = 'raises where, with line and column; and for what is nested more than 200 deep';

function codec(
  names: readonly string[],
  facts: Omit<FunctionDeclaration, 'name' | 'since'>,
): readonly FunctionDeclaration[] {
  return names.map((name) => ({name, since, pure: true, ...facts}));
}

const inLua = (facts: Omit<FunctionDeclaration, 'since' | 'inLua'>): FunctionDeclaration => ({
  ...facts,
  since,
  inLua: true,
  passesOn: true,
});

/** Formats of data, and tables. */
export const data: ModuleDeclaration = {
  name: 'data',
  functions: [
    ...codec(['json_decode', 'parse_json'], {
      arguments: 'text: string',
      results: 'value: any',
      summary: 'Reads JSON; `null` is nil.',
      errors: limits,
      example: 'print(data.json_decode("[1, 2.5]")[2]) --> 2.5',
    }),
    ...codec(['json_encode', 'to_json'], {
      arguments: 'value: any',
      results: 'text: string',
      summary: 'Writes JSON in one line; an empty table is `{}` unless it is marked as an `Array`.',
      errors: 'raises for what JSON does not have',
      example: 'print(data.json_encode({1, "a", true})) --> [1,"a",true]',
    }),
    ...codec(['json_pretty'], {
      arguments: 'value: any',
      results: 'text: string',
      summary: 'Writes JSON with a line for each element.',
      errors: 'raises for what JSON does not have',
      example: 'print(data.json_pretty({a = 1})) --> "a": 1'.replace('--> "a": 1', ''),
    }),
    ...codec(['json_validate'], {
      arguments: 'text: string',
      results: 'true | false, error: string',
      summary: 'Tells whether a text is JSON, and what is wrong.',
      example: 'print(data.json_validate("[1]")) --> true',
    }),
    ...codec(['yaml_decode', 'parse_yaml'], {
      arguments: 'text: string',
      results: 'value: any',
      summary: 'Reads YAML 1.2; at most 100 aliases are followed.',
      errors: limits,
      example: 'print(data.yaml_decode("a: [1, 2]").a[2]) --> 2',
    }),
    ...codec(['yaml_encode', 'to_yaml'], {
      arguments: 'value: any',
      results: 'text: string',
      summary: 'Writes YAML.',
      errors: 'raises for what YAML does not have',
      example: 'print(data.yaml_encode({a = 1})) --> a: 1',
    }),
    ...codec(['yaml_to_json'], {
      arguments: 'text: string',
      results: 'text: string',
      summary: 'Writes YAML as JSON.',
      errors: limits,
      example: 'print(data.yaml_to_json("a: 1")) --> {"a":1}',
    }),
    ...codec(['json_to_yaml'], {
      arguments: 'text: string',
      results: 'text: string',
      summary: 'Writes JSON as YAML.',
      errors: limits,
      example: 'print(data.json_to_yaml("[1]")) --> - 1',
    }),
    ...codec(['toml_decode'], {
      arguments: 'text: string',
      results: 'value: table',
      summary: 'Reads TOML; dates are text.',
      errors: limits,
      example: 'print(data.toml_decode("a = 1").a) --> 1',
    }),
    ...codec(['toml_encode'], {
      arguments: 'value: table',
      results: 'text: string',
      summary: 'Writes TOML.',
      errors: 'raises for what TOML does not have',
      example: 'print(data.toml_encode({a = 1})) --> a = 1',
    }),
    ...codec(['xml_decode'], {
      arguments: 'text: string',
      results: 'value: table',
      summary:
        'Reads XML: elements are fields, attributes fields that begin with `@`, text beside them is `#text`. Entities of a document are not followed.',
      errors: limits,
      example: `print(data.xml_decode('<a id="1"><b>x</b></a>').a.b) --> x`,
    }),
    ...codec(['xml_encode'], {
      arguments: 'value: table',
      results: 'text: string',
      summary: 'Writes XML from what `xml_decode` gives.',
      errors: 'raises for what XML does not have',
      example: 'print(data.xml_encode({a = {b = "x"}})) --> <a><b>x</b></a>',
    }),
    ...codec(['xml_to_json'], {
      arguments: 'text: string',
      results: 'text: string',
      summary: 'Writes XML as JSON.',
      errors: limits,
      example: 'print(data.xml_to_json("<a>1</a>")) --> {"a":"1"}',
    }),
    ...codec(['csv_parse', 'csv_decode'], {
      arguments: 'text: string, options?: {delimiter?: string, header?: boolean}',
      results: 'rows: table[]',
      summary: 'Reads CSV into a list of tables by the names in the first line, or without a header of lists.',
      errors: 'raises where, with the line',
      example: 'print(data.csv_parse("a,b\\n1,2")[1].b) --> 2',
    }),
    ...codec(['csv_generate', 'csv_encode'], {
      arguments: 'rows: table[], options?: {delimiter?: string, header?: boolean, columns?: string[]}',
      results: 'text: string',
      summary:
        'Writes CSV from a list of tables, in the order of `columns` or else of the names, or from a list of lists.',
      errors: 'raises for values that are tables',
      example: 'print(data.csv_generate({{a = 1, b = "x,y"}})) --> 1,"x,y"',
    }),
    inLua({
      name: 'deep_merge',
      arguments: '...: table',
      results: 'merged: table',
      summary: 'Makes a table of all: later ones win, tables with names are merged, lists are replaced.',
      example: 'print(data.deep_merge({a = {x = 1}}, {a = {y = 2}}).a.x) --> 1',
    }),
    inLua({
      name: 'flatten',
      arguments: 'value: table, separator?: string',
      results: 'flat: table',
      summary: 'Makes one table with paths as names: `{["a.b"] = 1}`.',
      example: 'print(data.flatten({a = {b = 1}})["a.b"]) --> 1',
    }),
    inLua({
      name: 'unflatten',
      arguments: 'flat: table, separator?: string',
      results: 'value: table',
      summary: 'Makes tables of names that are paths.',
      example: 'print(data.unflatten({["a.b"] = 1}).a.b) --> 1',
    }),
    inLua({
      name: 'get_path',
      arguments: 'value: table, path: string, default?: any',
      results: 'value: any',
      summary: 'Gives what stands at a path such as `a.b[2].c`, or the default.',
      example: 'print(data.get_path({a = {{b = 5}}}, "a[1].b"), data.get_path({}, "x.y", 0)) --> 5 0',
    }),
    inLua({
      name: 'set_path',
      arguments: 'value: table, path: string, new: any',
      results: 'value: table',
      storesIntoArguments: true,
      summary: 'Sets what stands at a path, makes the tables on the way, and gives the table.',
      errors: 'raises where something on the way is no table',
      example: 'print(data.set_path({}, "a.b[1]", 5).a.b[1]) --> 5',
    }),
    inLua({
      name: 'batches',
      arguments: 'path: string, size: integer, options?: {format?: string}',
      results: 'step: function, nil, nil, guard: any',
      summary:
        'Reads a file in batches `{id, items, first, last}` without loading it: `csv`, `tsv` (the first line has the names), `jsonl`, `json` (one list), or else lines; the ending of the name tells which.',
      errors: 'raises when the file may not or cannot be read, and at a bad record with its number',
      permission: 'allow-read',
      example:
        'local path = fs.tmpname() fs.write(path, "1\\n2\\n3") for batch in data.batches(path, 2) do print(batch.id, #batch.items) end fs.rm(path) --> 1 2',
    }),
    {
      name: 'transform',
      since,
      arguments:
        'batch: table, options?: {format?: string, validation?: boolean | table, compression?: boolean | string}',
      results: 'text: string',
      summary:
        'Writes the items of a batch, or a list, as `json` (default), `jsonl`, `csv` or `yaml`; `validation` wants every record to be a table of plain values or to fit a JSON Schema; `compression` is `gzip` (true) or `zstd`.',
      errors: 'raises and names the record',
      example: 'print(data.transform({{a = 1}}, {format = "json", validation = true})) --> [{"a":1}]',
    },
  ],
  lua,
  internals: ['open_batches', 'next_batch', 'close_batches'],
  load: () => import('./functions.js'),
};
