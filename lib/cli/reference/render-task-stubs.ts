import {type JsonSchema, schemaOf} from '../../task/schema/json-schema.js';
import type {Keys} from '../../task/schema/keys.js';
import {runnerConfigKeys} from '../../task/schema/runner-config-keys.js';
import {taskAliases, taskKeys} from '../../task/schema/task-keys.js';
import {stageKeys, workflowKeys} from '../../task/schema/workflow-keys.js';

/** Declarations of what task files define, for lua-language-server: made of the schemas that the files are checked with. */
export function renderTaskStubs(): string {
  const aliases = Object.fromEntries(Object.entries(taskAliases).map(([alias, name]) => [alias, taskKeys[name]]));
  const allTaskKeys: Keys = {...taskKeys, ...aliases};
  const parts = [
    '---@meta\n-- Made from the schemas of task files by `npm run reference`.',
    context,
    tableClass('sloth.TaskTable', allTaskKeys, '---What `task{...}` and `task "name" {...}` take.', nameField),
    builderClass('sloth.Task', allTaskKeys, 'sloth.TaskTable'),
    tableClass('sloth.Stage', stageKeys, '---A stage of a workflow.', ''),
    tableClass('sloth.WorkflowTable', workflowKeys, '---What `workflow{...}` takes.', nameField),
    builderClass('sloth.Workflow', workflowKeys, 'sloth.WorkflowTable'),
    tableClass('sloth.RunnerConfig', runnerConfigKeys, '---What `runner_config = {...}` says.', ''),
    globals,
  ];
  return `${parts.join('\n\n')}\n`;
}

const nameField = '---@field name? string What it is called.\n';

function tableClass(name: string, keys: Keys, doc: string, first: string): string {
  const fields = Object.entries(keys).map(([field, key]) => `---@field ${field}? ${luaType(schemaOf(key))} ${key.doc}`);
  return `${doc}\n---@class ${name}\n${first}${fields.join('\n')}`;
}

function builderClass(name: string, keys: Keys, table: string): string {
  const variable = name.replace('.', '_');
  const methods = Object.entries(keys).map(([method, key]) => {
    const type = luaType(schemaOf(key));
    const parameter = key.args === 'many' ? '...' : 'value';
    const options = key.args === 'with-options' ? '---@param options? any\n' : '';
    const list = key.args === 'with-options' ? `${parameter}, options` : parameter;
    return `---${key.doc}\n---@param ${parameter} ${type}\n${options}---@return ${name}\nfunction ${variable}:${method}(${list}) end`;
  });
  const head = `---@class ${name}\n---@field name string\n---@overload fun(values: ${table}): ${name}\nlocal ${variable} = {}`;
  const build = `---May be left out.\n---@return ${name}\nfunction ${variable}:build() end`;
  return [head, ...methods, build].join('\n\n');
}

/** A type as the language server writes it. */
function luaType(schema: JsonSchema): string {
  const {lua, type, anyOf, items, prefixItems, properties, additionalProperties} = schema;
  if (typeof lua === 'string') return lua.startsWith('fun(') ? `(${lua})` : lua;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join('|');
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(anyOf)) return [...new Set((anyOf as JsonSchema[]).map(luaType))].join('|');
  if (type === 'array') {
    if (Array.isArray(prefixItems)) return `[${(prefixItems as JsonSchema[]).map(luaType).join(', ')}]`;
    const item = luaType((items ?? {}) as JsonSchema);
    return /[|(]/.test(item) ? `(${item})[]` : `${item}[]`;
  }
  if (type === 'object') {
    const fields = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
    if (fields.length > 0) return `{${fields.map(([name, field]) => `${name}?: ${luaType(field)}`).join(', ')}}`;
    const values = typeof additionalProperties === 'object' ? luaType(additionalProperties as JsonSchema) : 'any';
    return `table<string, ${values}>`;
  }
  if (type === 'string' || type === 'number' || type === 'integer' || type === 'boolean') return type;
  return 'any';
}

const context = `---What a task's function gets first, unless it calls it \`params\` or \`ctx\`.
---@class sloth.This
---@field name string
---@field workdir string
---@field attempt integer
---@field run_id string
---@field idempotency_key string
---@field interrupted? boolean
---@field checkpoint? any
---@field state table
---@field emit fun(value: any)
---@field log table

---What a function gets whose first parameter is called \`ctx\`.
---@class sloth.Ctx
---@field run_id string
---@field workflow string
---@field stage? string
---@field task string
---@field attempt integer
---@field params table
---@field results table
---@field last_checkpoint? any
---@field temp_directory string
---@field workdir string
---@field idempotency_key string
---@field log table
---@field error? sloth.Failure

---Why something failed; as text, its message.
---@class sloth.Failure
---@field message string
---@field error string The same.
---@field kind "error"|"timeout"|"condition"|"cancelled"
---@field task? string
---@field stage? string
---@field attempts? integer
---@field traceback? string

---@class sloth.Group
---@class sloth.Chain
---@class sloth.Parallel

---A branch; task files may call its methods by these names though Lua keeps them.
---@class sloth.When
---@field ["then"] fun(self: sloth.When, ...: any): sloth.When
---@field ["else"] fun(self: sloth.When, ...: any): sloth.When`;

const globals = `---Defines a task.
---@overload fun(values: sloth.TaskTable): sloth.Task
---@param name string
---@return sloth.Task
function task(name) end

---Defines a task from a table.
---@param values sloth.TaskTable
---@return sloth.Task
function define_task(values) end

---Tasks under one name.
---@param name string
---@return fun(tasks: any): sloth.Group
function group(name) end

---Tasks or stages one after the other.
---@param ... any
---@return sloth.Chain
function chain(...) end

---Tasks at once.
---@param ... any
---@return sloth.Parallel
function parallel(...) end

---A branch: what runs when the condition holds, and what when it does not.
---@param condition string|function
---@return sloth.When
function when(condition) end

---Reads another task file, relative to this one.
---@param path string
function import(path) end

---Merges fields into the output of the running task.
---@param fields table
function export(fields) end

---What \`--values\` and \`--set\` gave.
---@type table
values = {}

---@type sloth.RunnerConfig
runner_config = {}

---@class sloth.workflowlib
---@overload fun(name: string): sloth.Workflow
---@overload fun(values: sloth.WorkflowTable): sloth.Workflow
workflow = {}

---Defines a workflow.
---@overload fun(values: sloth.WorkflowTable): sloth.Workflow
---@param name string
---@param values? sloth.WorkflowTable
---@return sloth.Workflow
function workflow.define(name, values) end`;
