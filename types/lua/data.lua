---@meta

-- Made from the registry of Lua functions by `npm run reference`.

---@class sloth.datalib
data = {}

---Reads JSON; `null` is nil.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return any value
function data.json_decode(text) end

---Reads JSON; `null` is nil.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return any value
function data.parse_json(text) end

---Writes JSON in one line; an empty table is `{}` unless it is marked as an `Array`.
---
---- errors: raises for what JSON does not have
---- may switch: yes
---@param value any
---@return string text
function data.json_encode(value) end

---Writes JSON in one line; an empty table is `{}` unless it is marked as an `Array`.
---
---- errors: raises for what JSON does not have
---- may switch: yes
---@param value any
---@return string text
function data.to_json(value) end

---Writes JSON with a line for each element.
---
---- errors: raises for what JSON does not have
---- may switch: yes
---@param value any
---@return string text
function data.json_pretty(value) end

---Tells whether a text is JSON, and what is wrong.
---
---- may switch: yes
---@param text string
---@return boolean
---@return string|nil error
function data.json_validate(text) end

---Reads YAML 1.2; at most 100 aliases are followed.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return any value
function data.yaml_decode(text) end

---Reads YAML 1.2; at most 100 aliases are followed.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return any value
function data.parse_yaml(text) end

---Writes YAML.
---
---- errors: raises for what YAML does not have
---- may switch: yes
---@param value any
---@return string text
function data.yaml_encode(value) end

---Writes YAML.
---
---- errors: raises for what YAML does not have
---- may switch: yes
---@param value any
---@return string text
function data.to_yaml(value) end

---Writes YAML as JSON.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return string text
function data.yaml_to_json(text) end

---Writes JSON as YAML.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return string text
function data.json_to_yaml(text) end

---Reads TOML; dates are text.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return table value
function data.toml_decode(text) end

---Writes TOML.
---
---- errors: raises for what TOML does not have
---- may switch: yes
---@param value table
---@return string text
function data.toml_encode(value) end

---Reads XML: elements are fields, attributes fields that begin with `@`, text beside them is `#text`. Entities of a document are not followed.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return table value
function data.xml_decode(text) end

---Writes XML from what `xml_decode` gives.
---
---- errors: raises for what XML does not have
---- may switch: yes
---@param value table
---@return string text
function data.xml_encode(value) end

---Writes XML as JSON.
---
---- errors: raises where, with line and column; and for what is nested more than 200 deep
---- may switch: yes
---@param text string
---@return string text
function data.xml_to_json(text) end

---Reads CSV into a list of tables by the names in the first line, or without a header of lists.
---
---- errors: raises where, with the line
---- may switch: yes
---@param text string
---@param options? { delimiter?: string, header?: boolean }
---@return table[] rows
function data.csv_parse(text, options) end

---Reads CSV into a list of tables by the names in the first line, or without a header of lists.
---
---- errors: raises where, with the line
---- may switch: yes
---@param text string
---@param options? { delimiter?: string, header?: boolean }
---@return table[] rows
function data.csv_decode(text, options) end

---Writes CSV from a list of tables, in the order of `columns` or else of the names, or from a list of lists.
---
---- errors: raises for values that are tables
---- may switch: yes
---@param rows table[]
---@param options? { delimiter?: string, header?: boolean, columns?: string[] }
---@return string text
function data.csv_generate(rows, options) end

---Writes CSV from a list of tables, in the order of `columns` or else of the names, or from a list of lists.
---
---- errors: raises for values that are tables
---- may switch: yes
---@param rows table[]
---@param options? { delimiter?: string, header?: boolean, columns?: string[] }
---@return string text
function data.csv_encode(rows, options) end

---Makes a table of all: later ones win, tables with names are merged, lists are replaced.
---
---- may switch: yes
---@param ... table
---@return table merged
function data.deep_merge(...) end

---Makes one table with paths as names: `{["a.b"] = 1}`.
---
---- may switch: yes
---@param value table
---@param separator? string
---@return table flat
function data.flatten(value, separator) end

---Makes tables of names that are paths.
---
---- may switch: yes
---@param flat table
---@param separator? string
---@return table value
function data.unflatten(flat, separator) end

---Gives what stands at a path such as `a.b[2].c`, or the default.
---
---- may switch: yes
---@param value table
---@param path string
---@param default? any
---@return any value
function data.get_path(value, path, default) end

---Sets what stands at a path, makes the tables on the way, and gives the table.
---
---- errors: raises where something on the way is no table
---- may switch: yes
---@param value table
---@param path string
---@param new any
---@return table value
function data.set_path(value, path, new) end

---Reads a file in batches `{id, items, first, last}` without loading it: `csv`, `tsv` (the first line has the names), `jsonl`, `json` (one list), or else lines; the ending of the name tells which.
---
---- errors: raises when the file may not or cannot be read, and at a bad record with its number
---- permission: `--allow-read`
---- may switch: yes
---@param path string
---@param size integer
---@param options? { format?: string }
---@return function step
---@return nil
---@return nil
---@return any guard
function data.batches(path, size, options) end

---Writes the items of a batch, or a list, as `json` (default), `jsonl`, `csv` or `yaml`; `validation` wants every record to be a table of plain values or to fit a JSON Schema; `compression` is `gzip` (true) or `zstd`.
---
---- errors: raises and names the record
---- may switch: yes
---@param batch table
---@param options? { format?: string, validation?: boolean|table, compression?: boolean|string }
---@return string text
function data.transform(batch, options) end
