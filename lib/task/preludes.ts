import type {Prelude} from '../run-options.js';
import type {Sendable} from '../sendable.js';
import callableNames from './lua/callable_names.lua';
import compat from './lua/compat.lua';
import describe from './lua/describe.lua';
import loadstring from './lua/loadstring.lua';
import protocol from './lua/protocol.lua';
import registry from './lua/registry.lua';
import task from './lua/task.lua';
import workflow from './lua/workflow.lua';

/**
 * The chunks that give a task file its globals.
 *
 * @param text the file's own source: what it does not use is left out where that costs something.
 * @param publish gets, from the last chunk, the function that describes the file.
 */
export function taskPreludes(text: string, publish: Sendable): Prelude[] {
  const sources = {
    compat,
    ...(text.includes('loadstring') && {loadstring}),
    ...(/[.:]\s*name\s*\(/.test(text) && {names: callableNames}),
    registry,
    task,
    workflow,
    protocol,
    describe,
  };
  return Object.entries(sources).map(([name, source]) => ({
    chunkName: `=[task ${name}]`,
    source,
    ...(name === 'describe' && {args: [publish]}),
  }));
}
