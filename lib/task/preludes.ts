import type {Prelude} from '../run-options.js';
import type {Sendable} from '../sendable.js';
import compat from './lua/compat.lua';
import describe from './lua/describe.lua';
import protocol from './lua/protocol.lua';
import registry from './lua/registry.lua';
import task from './lua/task.lua';
import workflow from './lua/workflow.lua';

const sources = {compat, registry, task, workflow, protocol, describe};

/** The chunks that give a task file its globals; the last one hands `publish` the function that describes the file. */
export function taskPreludes(publish: Sendable): Prelude[] {
  return Object.entries(sources).map(([name, source]) => ({
    chunkName: `=[task ${name}]`,
    source,
    ...(name === 'describe' && {args: [publish]}),
  }));
}
