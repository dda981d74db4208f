import * as z from 'zod';
import type {Key, Keys} from './keys.js';
import {runnerConfigKeys} from './runner-config-keys.js';
import {taskAliases, taskKeys} from './task-keys.js';
import {stageKeys, workflowKeys} from './workflow-keys.js';

/** A JSON Schema, as far as this file makes one. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * What task files define, as a JSON Schema 2020-12: `$defs` has `task`, `workflow`, `stage` and `runner_config`, and a `--config` file
 * is a `runner_config`. Made of the schemas that task files are checked with. What is no JSON, functions and built tasks, is described
 * and may be anything; `lua` names its type for a language server.
 */
export function definitionsSchema(): JsonSchema {
  const task = objectOf(taskKeys);
  const aliases = Object.entries(taskAliases).map(([alias, name]) => [
    alias,
    {$ref: `#/$defs/task/properties/${name}`},
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Definitions of a task file of sloth-runner',
    description: 'Made from the schemas of task files by `npm run reference`.',
    $defs: {
      task: withName({...task, properties: {...(task['properties'] as object), ...Object.fromEntries(aliases)}}),
      workflow: withName(objectOf({...workflowKeys})),
      stage: objectOf(stageKeys),
      runner_config: objectOf(runnerConfigKeys),
    },
    $ref: '#/$defs/runner_config',
  };
}

/** The JSON Schema of one key's value. */
export function schemaOf({schema, doc}: Key): JsonSchema {
  const made = z.toJSONSchema(schema, {unrepresentable: 'any', io: 'input'}) as JsonSchema;
  const {$schema: _, description, orOne, ...rest} = made;
  const told = {description: description === undefined ? doc : `${doc} Expected: ${String(description)}.`};
  return orOne === true ? {...told, anyOf: [rest['items'] ?? {}, rest]} : {...told, ...rest};
}

function objectOf(keys: Keys): JsonSchema {
  const properties = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, schemaOf(key)]));
  return {type: 'object', properties, additionalProperties: false};
}

function withName(schema: JsonSchema): JsonSchema {
  const properties = {name: {type: 'string', description: 'What it is called.'}, ...(schema['properties'] as object)};
  return {...schema, properties};
}
